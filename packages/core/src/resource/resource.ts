/** A resource that a test created: where it lives, how it is removed, and why we may remove it. */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

export type RunId = string
export type WriterId = string
export type ScopeId = string
/** `${set}.${index}` */
export type ResourceId = string
export type IntentId = string
/** Ends in `!` if the driver announces statements that may commit the transaction. */
export type TxId = string

export const announcedTx = (id: TxId): TxId => `${id}!`

export const isAnnounced = (id: TxId): boolean => id.endsWith('!')

/** How a test, file or run ended. */
export type Verdict = 'passed' | 'failed' | 'skipped' | 'interrupted' | 'lost'

/** What became of a resource. */
export const states = [
  'live', // created, nothing decided yet
  'removed', // we removed it
  'already-gone', // our removal found nothing
  'gone', // the test removed it, its transaction was rolled back, its store no longer exists, or its key was created again
  'shared', // tracked, never removed by a test
  'audit', // cannot be removed; tracked to be reported
  'kept', // left on purpose
  'refused', // not removed: not provably ours, or data that is not ours depends on it
  'pending', // due, but not possible yet
  'failed', // removal was tried and failed
  'lost', // nothing is left that could remove it
] as const
export type State = (typeof states)[number]

/** Needs attention. */
export const isBad = (state: State): boolean => state === 'failed' || state === 'refused' || state === 'lost'

/** Its store did not answer: the removal is retried once it does. */
export const isUnreachable = ({ state, why }: { readonly state: State; readonly why?: string }): boolean =>
  state === 'pending' && why === 'unreachable'

/** Gone, no matter what removed it. */
export const isGone = (state: State): boolean => state === 'removed' || state === 'already-gone' || state === 'gone'

/** When a resource is removed: at the end of its test, file, worker or run, or never automatically. */
export const lifetimes = ['test', 'file', 'worker', 'run', 'persistent'] as const
export type Lifetime = (typeof lifetimes)[number]

/** Where exactly a resource lives. */
export interface StoreRef {
  /** The driver instance's name in the configuration. */
  readonly driver: string
  /** Read from the client that created the resource (host, port, database, system id); no secrets. */
  readonly id: string
  /** Set when the store exists only inside one process (`:memory:`): the id of that writer. */
  readonly bound?: WriterId
}

/** How to remove a resource, as plain data that another process can carry out. */
export interface Removal {
  /** The driver instance that carries it out. */
  readonly driver: string
  /** One of the driver's own operations. */
  readonly op: string
  /** Version of the operation's arguments. */
  readonly v: number
  readonly args: Json
  /** Where it is carried out, if not in the resource's own store (a fallback). */
  readonly store?: StoreRef
  /** Must hold when the removal is due; otherwise the next step is taken. */
  readonly when?: Condition
}

/** When a removal step applies. */
export interface Condition {
  /** Names of environments. */
  readonly environment?: string | readonly string[]
  /** How the test ended. */
  readonly outcome?: Verdict | readonly Verdict[]
  /** An environment variable that is set (`CLEAN_SESSIONS`; not to `0` or `false`), or has this value (`CLEAN_SESSIONS = all`). */
  readonly env?: string
  /** The outcome of the previous step: it failed, or its condition did not hold. */
  readonly earlier?: 'failed' | 'skipped'
  /** What the creating answer showed: `body.status = draft`. Evaluated then, and recorded as `true` or `false`. */
  readonly answer?: string | boolean
}

/** A removal step whose condition (`when`) did not hold when it was due. */
export interface SkippedStep {
  /** 1 for the first. */
  readonly step: number
  readonly why: string
}

/** `skipped step 1: environment is test; step 2: …` */
export const skippedText = (skipped: readonly SkippedStep[]): string =>
  `skipped ${skipped.map(({ step, why }) => `step ${step}: ${why}`).join('; ')}`

/** A removal, or a function that only the given writer can still call. */
export type RemovalStep = Removal | { readonly closure: WriterId }

/** Why we may remove it: the strongest of an exact marker, the incarnation of its table, or the key alone. */
export interface Proof {
  /** Changes when the table is emptied or recreated (TRUNCATE). */
  readonly incarnation?: Json
  /** Columns and the values they must still have. */
  readonly match?: { readonly [column: string]: Json }
  /** Text that contains the run id and was written into the resource itself. */
  readonly marker?: string
  readonly strength: 'exact' | 'incarnation' | 'key-only'
}

/** Resources of one type created by one operation: one ledger line. Key i belongs to the resource `${set}.${i}`. */
export interface ResourceSet {
  readonly set: string
  /** The kind of resource: a table's name, the last noun of a path, `file`. */
  readonly type: string
  /** A scalar, or an array of scalars for a composite key. */
  readonly keys: readonly Json[]
  readonly store: StoreRef
  /** The removal, then its fallbacks. Empty if it is never removed. */
  readonly steps: readonly RemovalStep[]
  readonly proof: Proof
  readonly lifetime: Lifetime
  readonly shared?: true
  readonly audit?: true
  /**
   * They existed before, and were changed or deleted: their removal restores the previous contents. Not found by type and key.
   */
  readonly changed?: true
  readonly dependsOn?: readonly ResourceId[]
  /** `collected`: found in its store afterwards, by the store's own log or by the run's mark. */
  readonly origin: 'tracked' | 'captured' | 'collected' | 'derived'
  readonly attributed: 'test' | 'file' | 'worker' | 'run'
  readonly tx?: TxId
  readonly tags?: readonly string[]
  readonly metadata?: Json
  /** `file:line` of the call that created it. */
  readonly source?: string
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number
}

/** One resource of a set, as the cleanup pipeline and the reports see it. */
export interface Resource {
  readonly id: ResourceId
  readonly key: Json
  readonly set: ResourceSet
  readonly scope: ScopeId
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  /** When the statement or request that created it was about to be sent. Undefined: it was not announced. */
  readonly begunAt?: number | undefined
  /** Position in the order of creation, as far as known across writers. */
  readonly order: number
  state: State
  /** The result of the last removal: `200 OK`, `1 row`. */
  result?: string
  why?: string
  /** The failed or refused removal's error. */
  error?: { readonly code: string; readonly message: string; readonly hint?: string }
  /** Dependents that prevented the removal, as far as the store reported them. */
  dependents?: readonly { readonly type: string; readonly key: Json }[]
  attempts: number
  durationMs: number
  /** A note that an unfinished removal left for the next attempt. */
  note?: Json
  /** An earlier removal was begun, and its outcome is unknown: its cleaner died, or did not wait for the answer. */
  interrupted?: true
  /** A backup in the run holds its contents before a removal. */
  backup?: true
  /** Kept until this time, in milliseconds since the epoch. */
  keptUntil?: number
  /** No longer to be kept. */
  released?: true
  /** Removal steps whose conditions did not hold. */
  skipped?: readonly SkippedStep[]
  /** The machine whose process created it, if a shared ledger reports it; `near`: it is this machine all the same. */
  elsewhere?: { readonly host: string; readonly near: boolean }
}

/** A create that was begun and whose outcome is not known. */
export interface Intent {
  readonly intent: IntentId
  readonly store: StoreRef
  readonly type: string
  /** How: `POST /users`, `INSERT INTO users`. Never a body, never a parameter. */
  readonly via: string
  /** The run's id, if rows it creates certainly carry it: a row not found by it does not exist. */
  readonly marker?: string
  /** The session as the server knows it: while it exists, the create may still take effect. */
  readonly session?: string
  readonly source?: string
  /** Milliseconds since the epoch. */
  readonly at: number
}
