/** How a store tells what others wrote: the application under test, through its own connections. */
import type { Code } from '../errors/codes.ts'
import type { CreatedSet } from './capture.ts'
import type { ConnectContext } from './connection.ts'
import type { Json, ResourceSet, RunId, ScopeId, WriterId } from './resource.ts'

/** A store's own log of what is written there: put in and taken out by `dustpan db`. */
export interface ApplicationLog {
  /** Without secrets: host, port, database. */
  readonly store: string
  /** What is there now; of the tables named, else of all. */
  status(tables: readonly string[] | undefined, ctx: ConnectContext): Promise<ApplicationLogStatus>
  /** What would be done: no statements where all is as it should be. Touches nothing. */
  plan(
    act: 'install' | 'uninstall',
    tables: readonly string[] | undefined,
    ctx: ConnectContext,
  ): Promise<ApplicationLogPlan>
  /** Carries a plan out as a whole, or not at all. */
  apply(plan: ApplicationLogPlan, ctx: ConnectContext): Promise<void>
}

export interface ApplicationLogPlan {
  readonly statements: readonly string[]
  /** What is left out, and why. */
  readonly left: readonly LoggedTable[]
}

export interface ApplicationLogStatus {
  /** `missing`: nothing of it is there; `stale`: it is not as it should be. */
  readonly state: 'installed' | 'missing' | 'stale'
  readonly tables: readonly LoggedTable[]
  /** Lines that nobody has collected yet; without a run: of what named none. */
  readonly waiting: readonly WaitingLines[]
}

export interface WaitingLines {
  readonly run?: RunId
  readonly lines: number
  readonly since: string
  /** Some process of the run has not said that it ended, and was heard of a short while ago. */
  readonly atWork?: boolean
}

export interface LoggedTable {
  readonly table: string
  readonly state: 'logged' | 'missing' | 'stale' | 'left'
  readonly code?: Code
  /** Why it is stale, or left out. */
  readonly why?: string
}

export interface CollectRequest {
  readonly run: RunId
  /** The process that asks; absent: the run's main process, once its workers are done. */
  readonly writer?: WriterId
  /** Scopes whose ids the application may have passed on; absent: all of the run, and what names only the run. */
  readonly scopes?: readonly ScopeId[]
  /** When the asking process alone was at work in its run, in milliseconds since the epoch: what names no run is then its own. */
  readonly alone?: { readonly from: number; readonly to: number }
  /** Of a run that is over: what names it is its own until then, in milliseconds since the epoch. What was written later is counted, and left. */
  readonly until?: number
  /** Whether a thing is on record already. */
  isKnown(store: string, type: string, key: Json): boolean
  /** Strikes off creations on record: rows that were there before have these keys, deleted and written anew. */
  notCreated(store: string, type: string, keys: readonly Json[]): void
  /** Puts what was found on record, before the log's lines of it go. `store` is the full id of the store that answered. */
  record(store: string, rows: readonly CollectedSet[]): void
}

/** What the application wrote, and is still there; or changed, and is not as it was. */
export interface CollectedSet extends CreatedSet {
  /** The scope that the application passed on; absent: it named none. */
  readonly scope?: ScopeId
  /** They were there before. */
  readonly changed?: NonNullable<ResourceSet['changed']>
}
