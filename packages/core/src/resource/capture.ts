/** How a driver's instruments tell the core what a client creates. */
import type { Code } from '../errors/codes.ts'
import type { MetadataColumns } from './metadata-columns.ts'
import type {
  Intent,
  Json,
  Proof,
  Removal,
  RemovalStep,
  ResourceId,
  RunId,
  ScopeId,
  State,
  StoreRef,
  TxId,
} from './resource.ts'

/** Installs itself into a client library, wherever that is loaded. */
export interface Instrument {
  /** The module's name as it is imported: `pg`, `node:sqlite`, `undici`. */
  readonly module: string
  /** Recognises the module by its shape, so that other copies and other realms work. */
  accepts(exports: unknown): boolean
  /** Idempotent for the same exports. */
  install(exports: unknown, sink: CaptureSink): Disposable
}

/** A store before its driver instance is known: the sink finds the instance that serves it. */
export interface StoreSeen {
  readonly id: string
  /** The store exists only inside this process. */
  readonly inProcess?: boolean
}

/** What an instrument knows of a creation that it saw. */
export interface CreatedSet extends CreatedShape {
  readonly keys: readonly Json[]
}

/** What is the same for all rows of a table, say. */
export interface CreatedShape {
  readonly type: string
  /** Removals that name `$driver` as their driver get the name of the instance that serves the store. */
  readonly steps: readonly RemovalStep[]
  readonly proof: Proof
  readonly dependsOn?: readonly ResourceId[]
  readonly metadata?: Json
  /** It cannot be removed, and is tracked to be seen. */
  readonly audit?: true
}

/** What is known of a creation before it is sent. `kind` is the driver's `use`. */
export interface CreationDraft {
  readonly kind: string
  readonly store: StoreSeen
  readonly type: string
  readonly via: string
  readonly marker?: Intent['marker']
  readonly session?: Intent['session']
  /** Where in the user's code, where the stack cannot tell: an absolute path. */
  readonly site?: { readonly file: string; readonly line: number }
}

/** The run, and the names of the columns. */
export interface RowMarker {
  readonly run: RunId
  readonly columns: MetadataColumns
}

/** Synchronous; never throws; resolves the scope in the caller's frame. */
export interface CaptureSink {
  /** Whether anything would be tracked now; cheap, for leaving a call alone at once. */
  readonly active: boolean
  /** What rows are marked with in the store itself, where their table has columns for it. Undefined: none is. */
  readonly marker?: RowMarker | undefined
  /**
   * Announces a create: the intent is on disk when this returns. Undefined: leave the call alone (no scope is open, tracking is off,
   * or no instance serves the store).
   */
  begin(draft: CreationDraft): PendingCreate | undefined
  /**
   * `begin` in the scope that is open now, however late it is called. `entry` is the function that the user called: the line is that of its
   * call. `later`: it will have returned by then, so the stack is taken now, which has its price; `alike`: what calls have in common (the
   * statement) of which only the first twenty are looked at.
   */
  beginHere(entry: (...args: never[]) => unknown, later?: 'later', alike?: string): CaptureSink['begin']
  /** The user's own deletes, by key or the whole table. Only what this process recorded is struck off, once `tx` is committed. */
  gone(
    store: StoreSeen,
    type: string,
    keys: readonly Json[] | 'all',
    tx?: CaptureTransaction,
    /** What is meant, where type and key do not tell it from others: the one thing (`/carts/9/items/1`, `/orders/3/items/1`), or how it is removed. */
    which?: ResourceId | Removal,
    /** They may be there, but not what has their keys. */
    why?: 'key-unsure',
  ): void
  /** The same for what certainly was there: what of it this process had not recorded is no creation when it is made again by its key. */
  removed(store: StoreSeen, type: string, keys: readonly Json[], tx?: CaptureTransaction, by?: Removal): void
  /** What was struck off by `gone` is there again: on record anew, as its first scope's while that is open. Undefined: it was not. */
  back?(id: ResourceId): ResourceId | undefined
  /**
   * The store calls a type otherwise from now on. What this process had on record is struck off, and answered, to be told again under the new
   * name: made there it is its first maker's, but for what was there before.
   */
  renamed?(store: StoreSeen, type: string, as: string, tx?: CaptureTransaction): readonly RenamedResource[]
  /** Whether it was there before any test made it, was removed by one, and is not tracked when it is made again. */
  wasThere?(store: StoreSeen, type: string, key: Json, by?: Removal): boolean
  /**
   * Opens a transaction: what is created in it is open work until it settles. `announced`: the driver says `committing()` before whatever may
   * commit it, so that of a process that was killed is known what its server has rolled back.
   */
  transaction(store: StoreSeen, how?: { readonly announced: true }): CaptureTransaction
  /** Carries the caller's scope into a callback that a pool calls later. */
  bind<F extends (...args: never[]) => unknown>(callback: F): F
  /** One coded warning for a run; the same code and subject are told once. */
  warn(code: Code, subject: string, message: string): void
  /** What the given scope chain knows already, newest first: for finding out what a new thing refers to. */
  known(): Iterable<KnownResource>
  /** What this process has on record under the key, in whatever scope, unless it is gone or not provably ours. */
  onRecord(store: StoreSeen, type: string, key: Json, by?: Removal): RecordedResource | undefined
  /** Runs a function whose own requests and statements are Dustpan's, and not captured. */
  untracked<T>(fn: () => T): T
  /** Whose what is sent now is, for a store with a log of its own. Undefined: no scope is open, or it is Dustpan's own. */
  whose?(): { readonly run: RunId; readonly scope: ScopeId } | undefined
  /**
   * A client is about to write to a store that has a log of what is written there. Not before this is settled may it: then other runs know of
   * this one. Undefined: they do, or need not. `kind` is the driver's `use`.
   */
  atWork?(kind: string, store: StoreSeen): Promise<void> | undefined
  /** The headers that name run and test, for a host that may see them; empty when switched off. */
  headers(): Record<string, string>
}

export interface KnownResource {
  readonly id: ResourceId
  readonly type: string
  readonly key: Json
  readonly store: StoreRef
  readonly removal?: RemovalStep
}

/** As much of a record as an instrument needs to know. */
export interface RecordedResource {
  readonly proof: Proof
  /** It was left on purpose. */
  readonly isKept: boolean
  readonly state?: State
  /** How it is removed. */
  readonly removal?: RemovalStep
}

/** What was on record under another name. */
export interface RenamedResource {
  readonly key: Json
  readonly removal?: RemovalStep
  /** It was left on purpose, and is on record no more. */
  readonly isKept: boolean
}

export interface CaptureTransaction {
  readonly id: TxId
  /** A point to roll back to. */
  savepoint(): number
  /** What was created since the point is gone; what was deleted since is back. */
  rollbackTo(savepoint: number): void
  /** Something that may commit it is about to be sent. `isSent`: it was already, before what is created in it next was known. */
  committing(isSent?: true): void
  settle(as: 'committed' | 'rolled-back' | 'unknown'): void
}

export interface PendingCreate {
  /** What `created` will likely be told, but for the keys: said while the store is busy, so that less is left to do before the test goes on. */
  expect(shape: CreatedShape): void
  /** The creating statement's facts. On disk when this returns. May be called with no sets: nothing was created. */
  created(sets: readonly CreatedSet[], tx?: CaptureTransaction): readonly ResourceId[]
  /** `no-id`: it was answered, and the answer does not tell what was created; a warning says so. */
  none(why: 'rejected' | 'mocked' | 'updated-existing' | 'rolled-back' | 'not-a-creation' | 'no-id'): void
}
