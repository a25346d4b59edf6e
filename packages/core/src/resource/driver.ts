/** What a driver is: the one contract between Dustpan and a kind of store. */

import type { Code } from '../errors/codes.ts'
import type { DustpanError } from '../errors/dustpan-error.ts'
import type { ApplicationLog, CollectRequest } from './application.ts'
import type { Instrument, StoreSeen } from './capture.ts'
import type { MetadataMigration } from './metadata-columns.ts'
import type { Agreed, Matches, Selection } from './predicate.ts'
import type { Profile } from './profile.ts'
import type {
  Intent,
  IntentId,
  Json,
  Proof,
  Removal,
  ResourceId,
  ResourceSet,
  RunId,
  StoreRef,
  WriterId,
} from './resource.ts'

/** A driver instance in the configuration: plain data, so that a YAML file can say the same as a TypeScript one. */
export interface DriverConfig<Options = unknown> {
  /** The package (`@dustpan/postgres`) or built-in (`http`, `files`) whose `createDriver` makes it. */
  readonly use: string
  /** Unique in the configuration. */
  readonly name: string
  readonly options: Options
}

/** What a driver's package exports as `createDriver`. Throws a DustpanError (`DUSTPAN_CONFIG_INVALID`) on wrong options. */
export type CreateDriver = (name: string, options: unknown, ctx: DriverContext) => Driver

export interface DriverContext {
  /** Folder of the configuration file, else the working directory. */
  readonly root: string
  /** `local`, `test`, `staging`, `production`, or what else the configuration calls it, with production's profile. */
  readonly environment: string
  /** What that environment allows. @default as `local` does */
  readonly profile?: Profile
  /** When the run began, in milliseconds since the epoch: what is older, no test of it created. Not known outside of a run. */
  readonly since?: number
  /** The functions of the configuration that cannot travel between processes; loads the configuration when first asked. */
  readonly functions: ConfigFunctions
}

export interface ConfigFunctions {
  /** The named cleaner, or undefined. */
  cleaner(name: string): Cleaner | undefined
  /** An option of a driver instance as it stands in the configuration file, where it may be a function (`auth`). */
  driverOption(driver: string, option: string): unknown
}

/** Removes things by their ids; throws when it could not. The config's `cleaners` name them. */
export type Cleaner = (targets: {
  readonly ids: readonly Json[]
  readonly type: string
  readonly signal: AbortSignal
}) => unknown

export interface Driver {
  readonly name: string
  readonly capabilities: Capabilities
  /** What becomes of things in a store bound to a process, once that is over: gone with it, or out of reach. @default 'gone' */
  readonly boundTo?: 'gone' | 'lost'
  /** What is installed into loaded client libraries, to see what they create. */
  readonly instruments?: readonly Instrument[]
  /**
   * Whether this instance is the one for a store: the same server, whatever the user name. With several instances of one
   * kind the sink asks each; the first that says so is named in the record, unless another is configured for this very store.
   */
  serves?(store: { readonly id: string }): boolean
  /** Whether its store's own log is asked for what the application wrote: {@link StoreConnection.collect}, in the instance's own store. */
  readonly collects?: boolean
  /** The store's own log of what is written there, where it can have one. */
  readonly application?: ApplicationLog
  /** Columns that mark the rows that tests make, where its tables can have them. */
  readonly migration?: MetadataMigration
  /** Whether the instance's own settings lead to this very store: it comes before others that serve it too. */
  leadsTo?(store: { readonly id: string }): boolean
  /** The store that the instance's own settings lead to, for what no record names; undefined: they name none. */
  ownStore?(): string | undefined
  /**
   * Opens a connection for removing. One per driver instance, store and writer.
   * @throws DustpanError `DUSTPAN_WRONG_STORE` when the store that answers is not the one recorded, `DUSTPAN_STORE_UNREACHABLE` when none does.
   */
  connect(store: StoreRef, ctx: ConnectContext): Promise<StoreConnection>
  /**
   * What `track()` was given (`{table: 'users', store: 'main'}`) → a removal, and the store that it is in.
   * @throws TypeError `DUSTPAN_INVALID_ARGUMENT` on wrong input.
   */
  removal?(
    spec: { readonly [key: string]: Json },
    keys: readonly Json[],
  ): { readonly removal: Removal; readonly store: StoreSeen }
  /** The kind of thing as the store itself calls it (its table), whatever a record calls it. */
  typeOf?(removal: Removal): string | undefined
  /** Why the profile does not allow this removal; undefined: it does. Asked before any store is. */
  refuses?(removal: Removal): DustpanError | undefined
  /** One line for reports: `DELETE /users/7`, `DELETE FROM users …`. No secrets. */
  describe(removal: Removal, key: Json): string
}

export interface ConnectContext {
  readonly signal: AbortSignal
  /** Milliseconds since the epoch. */
  readonly deadline: number
  /**
   * For an address that neither the record nor the option `url` tells in full (the user name of a captured client): before it is connected to.
   * @throws DustpanError `DUSTPAN_HOST_REFUSED`
   */
  guard?(address: string): void
}

/** What is to be removed, by one removal step. */
export interface Target {
  readonly id: ResourceId
  readonly type: string
  readonly key: Json
  readonly removal: Removal
  readonly proof: Proof
  /** Milliseconds since the epoch, by this machine's clock. */
  readonly createdAt: number
  /** What an earlier removal of it had the pipeline remember: a job that it began. */
  readonly note?: Json
}

export type RefusalReason =
  | 'not-ours'
  | 'changed-since'
  | 'has-dependents'
  | 'wrong-store'
  | 'host'
  | 'profile'
  | 'protected'
  | 'too-old'
  | 'too-many'

export type RemovalOutcome =
  /** `result`: `200 OK`, `1 row`. */
  | { readonly state: 'removed' | 'already-gone'; readonly result?: string }
  /** Never retried by itself. */
  | {
      readonly state: 'refused'
      readonly why: RefusalReason
      readonly detail: Json
      readonly error?: DustpanError
    }
  | {
      readonly state: 'pending'
      readonly why: 'accepted' | 'job' | 'open-transaction' | 'in-flight' | 'unreachable' | 'budget'
      readonly afterMs: number
    }
  | { readonly state: 'failed'; readonly error: DustpanError; readonly retry: false | { readonly afterMs?: number } }

export type RestoreOutcome =
  /** `result`: `200 OK`. */
  { readonly state: 'restored'; readonly result?: string } | { readonly state: 'failed'; readonly error: DustpanError }

/** Answers are keyed by id, never by position. Drivers never retry; the pipeline does. */
export interface StoreConnection extends AsyncDisposable {
  /** The full id of the store that answered, where that was asked for by less. */
  readonly store?: string
  remove(targets: readonly Target[], ctx: RemovalContext): Promise<ReadonlyMap<ResourceId, RemovalOutcome>>
  /**
   * How the targets hang together; and, where it is asked for, what nobody recorded and hangs on them. Without that question one target
   * stands for all that are removed by the same steps.
   */
  relate?(targets: readonly Target[], ctx: RelateContext): Promise<Relations>
  /** Whether the targets are still there. */
  probe?(
    targets: readonly Target[],
    ctx: RemovalContext,
  ): Promise<ReadonlyMap<ResourceId, 'present' | 'absent' | 'unknown'>>
  /**
   * Says in the store that a process is at work there since a time, in milliseconds since the epoch, so that nobody takes what the
   * application writes for it without a name. Until the connection is closed.
   */
  announce?(
    who: { readonly run: RunId; readonly writer: WriterId; readonly since: number },
    ctx: RemovalContext,
  ): Promise<void>
  /** What others (the application under test) wrote, by the store's own log. What was put on record is struck from the log. */
  collect?(request: CollectRequest, ctx: RemovalContext): Promise<void>
  /**
   * What a predicate finds, by kind; touches nothing. Kinds that are not the store's own are not mentioned.
   * @throws TypeError `DUSTPAN_INVALID_ARGUMENT`, DustpanError `DUSTPAN_UNKNOWN_OWNER` for what is asked in vain of any kind.
   */
  count?(selection: Selection, ctx: RemovalContext): Promise<Matches>
  /** Removes what a predicate finds, what depends on others first; nothing of a kind of which it finds more than was agreed to. */
  removeWhere?(selection: Selection, agreed: Agreed, ctx: RemovalContext): Promise<Matches>
  /** Brings back what was only marked as deleted. */
  restore?(targets: readonly Target[], ctx: RemovalContext): Promise<ReadonlyMap<ResourceId, RestoreOutcome>>
  /** Looks for what an intent may have created, by its marker. */
  resolve?(
    intents: readonly Intent[],
    ctx: RemovalContext,
  ): Promise<ReadonlyMap<IntentId, readonly ResourceSet[] | 'absent' | 'unknown'>>
}

export interface RemovalContext {
  readonly signal: AbortSignal
  /** Milliseconds since the epoch. */
  readonly deadline: number
  /** 1 for the first try. */
  readonly attempt: number
  readonly batch: string
  readonly run: RunId
  /** `read-back` asks for a look at every target after its removal. */
  readonly verify: 'auto' | 'read-back' | 'none'
  /** All targets or none: where one cannot go, the others stay as well. Only asked of drivers whose batches are atomic. */
  readonly atomic?: boolean
  /** Remembers something with the things, for whoever removes them next, in whatever process; `null` forgets it. */
  note?(ids: readonly ResourceId[], note: Json): void
  /** For what does not change an outcome. Told once for a run. */
  warn?(code: Code, message: string): void
}

export interface RelateContext extends RemovalContext {
  /** Asked for only when a removal was refused with `has-dependents`: what the store knows of its tables must do until then. */
  readonly dependents: boolean
}

export interface Relations {
  /**
   * Targets that hang together: a table, or a cycle of tables. Groups with nothing of another store between them come in one call to
   * remove(), children first.
   */
  readonly group: ReadonlyMap<ResourceId, string>
  /** Between groups: the child goes first. */
  readonly edges: readonly (readonly [child: string, parent: string])[]
  /** What nobody recorded and hangs on a target. Empty unless asked for. */
  readonly dependents: readonly Dependent[]
}

export interface Dependent {
  readonly of: ResourceId
  readonly type: string
  readonly key: Json
  readonly rule: 'cascade' | 'set-null' | 'restrict'
  /** `after-parent`: proven to have been created after its parent, so it is the test's too. */
  readonly provenance: 'after-parent' | 'unproven'
  /** How to remove it, when proven. */
  readonly removal?: Removal
  readonly proof?: Proof
}

export interface Capabilities {
  /** When the intent is on disk: before the create is sent, at the same time, or never. */
  readonly intent: 'before' | 'concurrent' | 'none'
  readonly proof: Proof['strength']
  readonly maxBatch: number
  /** Calls to remove() that may be under way at once. */
  readonly concurrency: number
  readonly atomicBatch: boolean
  readonly verify: 'free' | 'extra-round-trip' | 'none'
  readonly transactions: boolean
  /** Whether it reaches a database past the application that owns it, which a profile may not allow. @default true */
  readonly database?: boolean
}
