/** What a driver is: the one contract between Dustpan and a kind of store. */

import type { Code } from '../errors/codes.ts'
import type { DustpanError } from '../errors/dustpan-error.ts'
import type { CreatedSet, Instrument, StoreSeen } from './capture.ts'
import type { Matched, Predicate } from './predicate.ts'
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
  ScopeId,
  StoreRef,
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
  /** `local`, `test`, `staging`, `production`. */
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
  /** Whether the instance's own settings lead to this very store: it comes before others that serve it too. */
  leadsTo?(store: { readonly id: string }): boolean
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
  /** One line for reports: `DELETE /users/7`, `DELETE FROM users …`. No secrets. */
  describe(removal: Removal, key: Json): string
}

export interface ConnectContext {
  readonly signal: AbortSignal
  /** Milliseconds since the epoch. */
  readonly deadline: number
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
}

export type RemovalOutcome =
  /** `result`: `200 OK`, `1 row`. */
  | { readonly state: 'removed' | 'already-gone'; readonly result?: string }
  /** Never retried by itself. */
  | {
      readonly state: 'refused'
      readonly why: 'not-ours' | 'has-dependents' | 'wrong-store' | 'host'
      readonly detail: Json
      readonly error?: DustpanError
    }
  | {
      readonly state: 'pending'
      readonly why: 'accepted' | 'open-transaction' | 'in-flight' | 'unreachable' | 'budget'
      readonly afterMs: number
    }
  | { readonly state: 'failed'; readonly error: DustpanError; readonly retry: false | { readonly afterMs?: number } }

/** Answers are keyed by id, never by position. Drivers never retry; the pipeline does. */
export interface StoreConnection extends AsyncDisposable {
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
   * What others (the application under test) wrote while a scope was open, as the store's own log has it, oldest first. Undefined: the
   * store keeps no such log.
   */
  collect?(request: CollectRequest, ctx: RemovalContext): Promise<Collection | undefined>
  /** What a predicate finds, by kind; touches nothing. */
  count?(predicate: Predicate, ctx: RemovalContext): Promise<readonly Matched[]>
  /** Removes what a predicate finds; nothing of a kind of which it finds more than `limit`. */
  removeWhere?(predicate: Predicate, limit: number, ctx: RemovalContext): Promise<readonly Matched[]>
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
}

export interface CollectRequest {
  readonly run: RunId
  /** Scopes whose ids the application may have passed on; absent: all of the run. */
  readonly scopes?: readonly ScopeId[]
  /** Whether what names no scope is theirs too: nobody else was at work between these times, in milliseconds since the epoch. */
  readonly alone?: { readonly from: number; readonly to: number }
}

export interface Collection {
  readonly rows: readonly CollectedSet[]
  /** Told once for a run. */
  readonly warnings: readonly { readonly code: Code; readonly message: string }[]
}

/** What one statement of the application wrote. */
export interface CollectedSet extends CreatedSet {
  /** The scope that the application passed on; absent: it named none. */
  readonly scope?: ScopeId
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
}
