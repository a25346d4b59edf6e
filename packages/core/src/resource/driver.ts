/** What a driver is: the one contract between Dustpan and a kind of store. */

import type { DustpanError } from '../errors/dustpan-error.ts'
import type { ApplicationLog } from './application.ts'
import type { Instrument, StoreSeen } from './capture.ts'
import type { ConnectContext, RemovalContext, StoreConnection } from './connection.ts'
import type { MetadataMigration } from './metadata-columns.ts'
import type { Profile } from './profile.ts'
import type { Json, Proof, Removal, ResourceId, RunId, StoreRef, WriterId } from './resource.ts'
import type { Staying, TakenAlong, Target } from './target.ts'

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
  /** Folder of the ledger, which may not be there yet. */
  readonly dir?: string
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
  /** Whether the test has closed what answers for a store bound to this process: it is asked once at most, and last. */
  isClosed?(store: StoreRef): boolean
  /** What is installed into loaded client libraries, to see what they create. */
  readonly instruments?: readonly Instrument[]
  /**
   * Whether this instance is the one for a store: the same server, whatever the user name. With several instances of one
   * kind the sink asks each; the first that says so is named in the record, unless another is configured for this very store.
   */
  serves?(store: { readonly id: string }): boolean
  /**
   * What a store is, by however many addresses it is reached: of each of the driver's kind, also of those that it does not serve. Undefined: its
   * id does not tell.
   */
  identity?(store: { readonly id: string }): string | undefined
  /** Whether its store's own log is asked for what the application wrote: {@link StoreConnection.collect}, in the instance's own store. */
  readonly collects?: boolean
  /**
   * Says in a store's own log, where it has one, that a process is at work there since a time (milliseconds since the epoch), or is no more, so
   * that other runs take nothing from it that names nobody. Gives whether there is a log.
   */
  announce?(store: StoreRef, who: AtWorkIn, ctx: ConnectContext): Promise<boolean>
  /** Whether its connections tell what came of creates that were never answered: {@link StoreConnection.resolve}. */
  readonly resolves?: true
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
  /** Whether what this removes is only marked as deleted, and comes back by {@link StoreConnection.restore}. */
  restores?(removal: Removal): boolean
  /** Whether what cannot be removed is followed when its test is over: {@link StoreConnection.follow}. */
  follows?(verify: RemovalContext['verify']): boolean
  /** What of the things that stay would go with each of those that are to go: what is in a folder, or the same thing. Asked before any store is. */
  takesAlong?(going: readonly Target[], staying: readonly Staying[]): ReadonlyMap<ResourceId, readonly TakenAlong[]>
  /** Why the profile does not allow this removal; undefined: it does. Asked before any store is. */
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
  /** Calls to remove() that may be under way at once. */
  readonly concurrency: number
  readonly atomicBatch: boolean
  readonly verify: 'free' | 'extra-round-trip' | 'none'
  readonly transactions: boolean
  /** Whether 7 and '7' are keys of two things, and 24 digits are another one by another removal. @default false: clients differ in how they write one key */
  readonly typedKeys?: true
  /** Whether it reaches a database past the application that owns it, which a profile may not allow. @default true */
  readonly database?: boolean
}
