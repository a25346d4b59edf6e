/** How a driver's instruments report to the core what a client creates. */
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

/** Installs itself into a client library, wherever that library is loaded. */
export interface Instrument {
  /** The module's name as it is imported: `pg`, `node:sqlite`, `undici`. */
  readonly module: string
  /** Recognises the module by its shape, so that other copies and other realms work. */
  accepts(exports: unknown): boolean
  /** Idempotent for the same exports. */
  install(exports: unknown, sink: CaptureSink): Disposable
}

/** A store whose driver instance is not known yet: the sink finds the instance that serves it. */
export interface StoreSeen {
  readonly id: string
  /** The store exists only inside this process. */
  readonly inProcess?: boolean
}

/** A creation as an instrument saw it. */
export interface CreatedSet extends CreatedShape {
  readonly keys: readonly Json[]
}

/** The part that creations have in common, for example all rows of one table. */
export interface CreatedShape {
  readonly type: string
  /** In removals, the driver name `$driver` is replaced by the name of the instance that serves the store. */
  readonly steps: readonly RemovalStep[]
  readonly proof: Proof
  readonly dependsOn?: readonly ResourceId[]
  readonly metadata?: Json
  /** Cannot be removed; tracked only to be reported. */
  readonly audit?: true
}

/** A creation before its statement or request is sent. `kind` is the driver's `use`. */
export interface CreationDraft {
  readonly kind: string
  readonly store: StoreSeen
  readonly type: string
  readonly via: string
  readonly marker?: Intent['marker']
  readonly session?: Intent['session']
  /** The position in the user's code, for callers whose stack does not show it. `file` is an absolute path. */
  readonly site?: { readonly file: string; readonly line: number }
}

/** The run, and the columns that mark its rows. */
export interface RowMarker {
  readonly run: RunId
  readonly columns: MetadataColumns
}

/** Synchronous; never throws; resolves the scope in the caller's frame. */
export interface CaptureSink {
  /** Whether anything would be tracked now. Cheap: instruments check it first. */
  readonly active: boolean
  /** How rows are marked in the store itself, in tables with columns for it. Undefined: rows are not marked. */
  readonly marker?: RowMarker | undefined
  /**
   * Announces a create: the intent is on disk when this returns. Undefined: leave the call alone (no scope is open, tracking is off,
   * or no instance serves the store).
   */
  begin(draft: CreationDraft): PendingCreate | undefined
  /**
   * `begin` bound to the scope that is open now, however late it is called. `entry` is the function that the user called: the
   * source line is that of its call. `later`: it will have returned by then, so the stack is captured now, which has a cost.
   * `alike`: what similar calls share (the statement); the source line is only determined for the first twenty of them.
   */
  beginHere(entry: (...args: never[]) => unknown, later?: 'later', alike?: string): CaptureSink['begin']
  /** The user's own deletes, by key or of the whole table. Only resources that this process recorded are dropped, once `tx` is committed. */
  gone(
    store: StoreSeen,
    type: string,
    keys: readonly Json[] | 'all',
    tx?: CaptureTransaction,
    /** The resource meant, where type and key are ambiguous (`/carts/9/items/1`, `/orders/3/items/1`): its id, or its removal. */
    which?: ResourceId | Removal,
    /** `key-unsure`: they may still exist, but another resource may have their keys now. */
    why?: 'key-unsure',
  ): void
  /**
   * Like `gone`, for resources that certainly existed: one that this process had not recorded does not count
   * as created when its key is created again.
   */
  removed(store: StoreSeen, type: string, keys: readonly Json[], tx?: CaptureTransaction, by?: Removal): void
  /**
   * A resource dropped by `gone` exists again: it is recorded anew, in its first scope while that is
   * open. Undefined: it had not been dropped.
   */
  back?(id: ResourceId): ResourceId | undefined
  /**
   * The store renamed a type. Records of this process under the old name are dropped and returned, to be reported again under
   * the new name, where each belongs to its first creator. Rows that existed before tests stay untracked.
   */
  renamed?(store: StoreSeen, type: string, as: string, tx?: CaptureTransaction): readonly RenamedResource[]
  /** Whether it existed before any test created it, was removed by one, and is not tracked when it is created again. */
  wasThere?(store: StoreSeen, type: string, key: Json, by?: Removal): boolean
  /**
   * Opens a transaction: resources created in it are provisional until it settles. `announced`: the driver calls `committing()`
   * before anything that may commit it, so that after a kill it is known what the server has rolled back.
   */
  transaction(store: StoreSeen, how?: { readonly announced: true }): CaptureTransaction
  /** Carries the caller's scope into a callback that a pool calls later. */
  bind<F extends (...args: never[]) => unknown>(callback: F): F
  /** One coded warning per run; the same code and subject are reported once. */
  warn(code: Code, subject: string, message: string): void
  /** Resources that the current scope chain knows, newest first: used to find what a new resource refers to. */
  known(): Iterable<KnownResource>
  /** The record of this process under the key, in any scope, unless the resource is gone or not provably ours. */
  onRecord(store: StoreSeen, type: string, key: Json, by?: Removal): RecordedResource | undefined
  /** Runs a function whose requests and statements are Dustpan's own and not captured. */
  untracked<T>(fn: () => T): T
  /**
   * The run and scope that own what is sent now, for a store with a log of its own. Undefined: no
   * scope is open, or Dustpan itself is sending.
   */
  currentScope?(): { readonly run: RunId; readonly scope: ScopeId } | undefined
  /**
   * A client is about to write to a store that logs its writes. It has to wait for this promise: then other runs know of this
   * one. Undefined: they already do, or need not. `kind` is the driver's `use`.
   */
  atWork?(kind: string, store: StoreSeen): Promise<void> | undefined
  /** When the scope that is open now was opened, in milliseconds since the epoch. Undefined: none is open. */
  scopeBegan?(): number | undefined
  /** The headers that name run and test, for hosts that may receive them; empty when switched off. */
  headers(): Record<string, string>
}

export interface KnownResource {
  readonly id: ResourceId
  readonly type: string
  readonly key: Json
  readonly store: StoreRef
  readonly removal?: RemovalStep
}

/** The part of a record that an instrument needs. */
export interface RecordedResource {
  readonly proof: Proof
  /** Left on purpose. */
  readonly isKept: boolean
  readonly state?: State
  /** How it is removed. */
  readonly removal?: RemovalStep
}

/** A resource that was recorded under another type name. */
export interface RenamedResource {
  readonly key: Json
  readonly removal?: RemovalStep
  /** Left on purpose, and no longer recorded. */
  readonly isKept: boolean
}

export interface CaptureTransaction {
  readonly id: TxId
  /** A point to roll back to. */
  savepoint(): number
  /** Resources created since the savepoint are gone; those deleted since are back. */
  rollbackTo(savepoint: number): void
  /**
   * A statement that may commit it is about to be sent. `isSent`: it was already sent before the
   * next creation in the transaction was known.
   */
  committing(isSent?: true): void
  settle(as: 'committed' | 'rolled-back' | 'unknown'): void
}

export interface PendingCreate {
  /**
   * The likely argument of `created`, without the keys: passed while the store is busy, so that
   * less work is left before the test continues.
   */
  expect(shape: CreatedShape): void
  /** The result of the creating statement. On disk when this returns. May be called with no sets: nothing was created. */
  created(sets: readonly CreatedSet[], tx?: CaptureTransaction): readonly ResourceId[]
  /** `no-id`: the answer does not identify what was created; a warning says so. */
  none(why: 'rejected' | 'mocked' | 'updated-existing' | 'rolled-back' | 'not-a-creation' | 'no-id'): void
}
