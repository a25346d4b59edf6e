/** The contract between Dustpan and a kind of store. */

import type { DustpanError } from '../errors/dustpan-error.ts'
import type { ApplicationLog } from './application.ts'
import type { Instrument, StoreSeen } from './capture.ts'
import type { ConnectContext, RemovalContext, StoreConnection } from './connection.ts'
import type { MetadataMigration } from './metadata-columns.ts'
import type { Profile } from './profile.ts'
import type { Json, Proof, Removal, ResourceId, RunId, StoreRef, WriterId } from './resource.ts'
import type { Staying, TakenAlong, Target } from './target.ts'

/** A driver instance in the configuration: plain data, so that a YAML file can express the same as a TypeScript one. */
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
  /** Folder of the ledger, which may not exist yet. */
  readonly dir?: string
  /** `local`, `test`, `staging`, `production`, or any other name in the configuration, which gets production's profile. */
  readonly environment: string
  /** What that environment allows. @default as `local` does */
  readonly profile?: Profile
  /** When the run began, in milliseconds since the epoch: no test of it created anything older. Undefined outside of a run. */
  readonly since?: number
  /** The functions of the configuration, which cannot be sent to another process; loads the configuration on first use. */
  readonly functions: ConfigFunctions
}

export interface ConfigFunctions {
  /** The named cleaner, or undefined. */
  cleaner(name: string): Cleaner | undefined
  /** An option of a driver instance as written in the configuration file, where it may be a function (`auth`). */
  driverOption(driver: string, option: string): unknown
}

/** The stores that an instance without a store of its own serves (`every broker on this machine`), or what is wrong. */
export type NoStore = { readonly serves: string } | { readonly problem: string; readonly fix: string }

/** Removes resources by their ids; throws when it could not. Registered by name in the configuration's `cleaners`. */
export type Cleaner = (targets: {
  readonly ids: readonly Json[]
  readonly type: string
  readonly signal: AbortSignal
}) => unknown

export interface Driver {
  readonly name: string
  readonly capabilities: Capabilities
  /** What happens to resources in a store bound to a process when the process is over: gone with it, or out of reach. @default 'gone' */
  readonly boundTo?: 'gone' | 'lost'
  /** Whether the test has closed the server behind a store that is bound to this process. Called at most once, and last. */
  isClosed?(store: StoreRef): boolean
  /** Installed into loaded client libraries to capture what they create. */
  readonly instruments?: readonly Instrument[]
  /**
   * Whether this instance is responsible for a store: the same server, whatever the user name. The sink asks all instances of a
   * kind in turn; the first match is named in the record, unless another instance is configured for exactly this store.
   */
  serves?(store: { readonly id: string }): boolean
  /**
   * The identity of a store, the same for all addresses by which it is reached. Also called for stores of the driver's kind
   * that this instance does not serve. Undefined: the id does not reveal it.
   */
  identity?(store: { readonly id: string }): string | undefined
  /**
   * Whether the application's writes are collected from the store's own log: {@link StoreConnection.collect}, in the instance's own store.
   */
  readonly collects?: boolean
  /**
   * Announces in a store's own log, if it has one, that a process has been at work there since a time (milliseconds since the
   * epoch), or no longer is, so that other runs do not claim its unattributed lines. Returns whether there is a log.
   */
  announce?(store: StoreRef, who: AtWorkIn, ctx: ConnectContext): Promise<boolean>
  /** Whether its connections can find the outcome of creates that were never answered: {@link StoreConnection.resolve}. */
  readonly resolves?: true
  /** The store's own write log, if it can have one. */
  readonly application?: ApplicationLog
  /** Columns that mark rows made by tests, if its tables can have them. */
  readonly migration?: MetadataMigration
  /** Whether the instance's own settings point to exactly this store: it is then preferred to other instances that serve it. */
  leadsTo?(store: { readonly id: string }): boolean
  /** The store that the instance's own settings point to, for operations without a record; undefined: they name none. */
  ownStore?(): string | undefined
  /**
   * Called when {@link ownStore} returns undefined. Undefined: nothing is wrong.
   * @default a missing address is a problem, as leftovers of killed tests cannot be removed
   */
  noStore?(): NoStore | undefined
  /**
   * Opens a connection for removal. One per driver instance, store and writer.
   * @throws DustpanError `DUSTPAN_WRONG_STORE` when the store that answers is not the recorded one,
   * `DUSTPAN_STORE_UNREACHABLE` when none answers.
   */
  connect(store: StoreRef, ctx: ConnectContext): Promise<StoreConnection>
  /**
   * Converts what `track()` was given (`{table: 'users', store: 'main'}`) into a removal and its store.
   * @throws TypeError `DUSTPAN_INVALID_ARGUMENT` on wrong input.
   */
  removal?(
    spec: { readonly [key: string]: Json },
    keys: readonly Json[],
  ): { readonly removal: Removal; readonly store: StoreSeen }
  /** The type's name in the store itself (its table), whatever the record calls it. */
  typeOf?(removal: Removal): string | undefined
  /** Whether this removal only marks as deleted, so that {@link StoreConnection.restore} can undo it. */
  restores?(removal: Removal): boolean
  /** Whether resources that cannot be removed are followed when their test is over: {@link StoreConnection.follow}. */
  follows?(verify: RemovalContext['verify']): boolean
  /**
   * For each target, the kept resources that its removal would delete as well: the contents of a folder, or the same resource.
   * Called before any store is accessed.
   */
  takesAlong?(going: readonly Target[], staying: readonly Staying[]): ReadonlyMap<ResourceId, readonly TakenAlong[]>
  /** Why the profile forbids this removal; undefined: it is allowed. Called before any store is accessed. */
  refuses?(removal: Removal): DustpanError | undefined
  /** One line for reports: `DELETE /users/7`, `DELETE FROM users …`. No secrets. */
  describe(removal: Removal, key: Json): string
}

export interface AtWorkIn {
  readonly run: RunId
  /** Empty: the run as a whole. */
  readonly writer: WriterId
  readonly since: number
  readonly ended?: boolean
}

export interface Capabilities {
  /** When the intent is on disk: before the create is sent, at the same time, or never. */
  readonly intent: 'before' | 'concurrent' | 'none'
  readonly proof: Proof['strength']
  readonly maxBatch: number
  /** Calls of remove() that may run at once. */
  readonly concurrency: number
  readonly atomicBatch: boolean
  readonly verify: 'free' | 'extra-round-trip' | 'none'
  readonly transactions: boolean
  /**
   * Whether 7 and '7' are different keys, and 24 digits removed in two ways are two keys. @default
   * false: clients differ in how they write a key
   */
  readonly typedKeys?: true
  /**
   * Whether it accesses a database directly, bypassing the application that owns it, which a profile may forbid. @default true
   */
  readonly database?: boolean
}
