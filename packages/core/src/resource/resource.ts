/** What a test created, where it lives, how it is removed, and why we may. */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

export type RunId = string
export type WriterId = string
export type ScopeId = string
/** `${set}.${index}` */
export type ResourceId = string
export type IntentId = string
/** Ends in `!` where what may commit the transaction is announced. */
export type TxId = string

export const announcedTx = (id: TxId): TxId => `${id}!`

export const isAnnounced = (id: TxId): boolean => id.endsWith('!')

/** How a test, file or run ended. */
export type Verdict = 'passed' | 'failed' | 'skipped' | 'interrupted' | 'lost'

/** What became of a resource. */
export const states = [
  'live', // created, and nothing decided yet
  'removed', // we removed it
  'already-gone', // our removal found nothing
  'gone', // the test removed it, its transaction was rolled back, its store no longer exists, or its key was made anew
  'shared', // tracked, never removed by a test
  'audit', // cannot be removed; tracked to be seen
  'kept', // left on purpose
  'refused', // not removed: not provably ours, or somebody else's depends on it
  'pending', // due, and not possible yet
  'failed', // removal was tried and failed
  'lost', // nothing left that could remove it
] as const
export type State = (typeof states)[number]

/** Somebody has to do something about it. */
export const isBad = (state: State): boolean => state === 'failed' || state === 'refused' || state === 'lost'

/** Nobody answered where it is to be removed: it is tried again when somebody does. */
export const isUnreachable = ({ state, why }: { readonly state: State; readonly why?: string }): boolean =>
  state === 'pending' && why === 'unreachable'

/** Whatever it was that removed it. */
export const isGone = (state: State): boolean => state === 'removed' || state === 'already-gone' || state === 'gone'

/** When a resource goes: at the end of its test, file, worker or run, or never by itself. */
export const lifetimes = ['test', 'file', 'worker', 'run', 'persistent'] as const
export type Lifetime = (typeof lifetimes)[number]

/** Where a thing lives, exactly. */
export interface StoreRef {
  /** The driver instance's name in the configuration. */
  readonly driver: string
  /** Read from the client that created the thing (host, port, database, system id); no secrets. */
  readonly id: string
  /** Set when the store exists only inside one process (`:memory:`): that writer. */
  readonly bound?: WriterId
}

/** How to remove a thing, as plain data that another process can carry out. */
export interface Removal {
  /** The driver instance that carries it out. */
  readonly driver: string
  /** One of the driver's own operations. */
  readonly op: string
  /** Version of the operation's arguments. */
  readonly v: number
  readonly args: Json
  /** Where it is carried out, when that is not the resource's own store (a fallback). */
  readonly store?: StoreRef
  /** All of it must hold when the removal is due; else the next step is taken. */
  readonly when?: Condition
}

/** When a removal step is for here. */
export interface Condition {
  /** Names of environments. */
  readonly environment?: string | readonly string[]
  /** How the test ended. */
  readonly outcome?: Verdict | readonly Verdict[]
  /** An environment variable that is set (`CLEAN_SESSIONS`; not to `0` or `false`), or has this value (`CLEAN_SESSIONS = all`). */
  readonly env?: string
  /** What came of the step before: it failed, or was not for here. */
  readonly earlier?: 'failed' | 'skipped'
  /** What the answer that created the thing showed: `body.status = draft`. It was looked at then, and is `true` or `false` on record. */
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

/** A removal, or a function that only the writer named can still call. */
export type RemovalStep = Removal | { readonly closure: WriterId }

/** Why we may remove it: the strongest of an exact marker, the incarnation of its table, or the key alone. */
export interface Proof {
  /** Changes when the table is emptied or made anew (TRUNCATE). */
  readonly incarnation?: Json
  /** Columns and the values they must still have. */
  readonly match?: { readonly [column: string]: Json }
  /** Text that holds the run id and was written into the thing itself. */
  readonly marker?: string
  readonly strength: 'exact' | 'incarnation' | 'key-only'
}

/** Things of one type created by one act: one ledger line. Key i belongs to the resource `${set}.${i}`. */
export interface ResourceSet {
  readonly set: string
  /** What it is: a table's name, the last noun of a path, `file`. */
  readonly type: string
  /** A scalar, or an array of scalars for a composite key. */
  readonly keys: readonly Json[]
  readonly store: StoreRef
  /** The removal, then the fallbacks. Empty for what is never removed. */
  readonly steps: readonly RemovalStep[]
  readonly proof: Proof
  readonly lifetime: Lifetime
  readonly shared?: true
  readonly audit?: true
  /** They were there before, and were changed or deleted: their removal brings back what was. By type and key they are not found. */
  readonly changed?: true
  readonly dependsOn?: readonly ResourceId[]
  /** `collected`: found in its store after the fact, by that one's own log or by the run's mark. */
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

/** One thing of a set, as the cleanup pipeline and the reports see it. */
export interface Resource {
  readonly id: ResourceId
  readonly key: Json
  readonly set: ResourceSet
  readonly scope: ScopeId
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  /** When the statement or request that created it was about to be sent. Undefined: nobody announced it. */
  readonly begunAt?: number | undefined
  /** Position in the order of creation, as far as it is known across writers. */
  readonly order: number
  state: State
  /** What the last removal said: `200 OK`, `1 row`. */
  result?: string
  why?: string
  /** The failed or refused removal's error. */
  error?: { readonly code: string; readonly message: string; readonly hint?: string }
  /** What kept the store from removing it, as far as the store told. */
  dependents?: readonly { readonly type: string; readonly key: Json }[]
  attempts: number
  durationMs: number
  /** What a removal of it that is not over had the pipeline remember. */
  note?: Json
  /** An earlier removal of it was begun, and nobody knows what came of that: its cleaner died, or did not wait for the answer. */
  interrupted?: true
  /** What it was before a removal is in a backup of the run. */
  backup?: true
  /** Kept until then, in milliseconds since the epoch. */
  keptUntil?: number
  /** Nobody wants it kept any more. */
  released?: true
  /** Removal steps whose conditions did not hold. */
  skipped?: readonly SkippedStep[]
  /** The machine whose process created it, where a shared ledger has told of it; `near`: that is this one all the same. */
  elsewhere?: { readonly host: string; readonly near: boolean }
}

/** Where a create was begun and its outcome is not known. */
export interface Intent {
  readonly intent: IntentId
  readonly store: StoreRef
  readonly type: string
  /** How: `POST /users`, `INSERT INTO users`. Never a body, never a parameter. */
  readonly via: string
  /** The run's id, where what it makes certainly carries that: what is not found by it is not there. */
  readonly marker?: string
  /** Whom the server knows as its sender: while it does, something may still come of it. */
  readonly session?: string
  readonly source?: string
  /** Milliseconds since the epoch. */
  readonly at: number
}
