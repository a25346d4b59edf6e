/** A store's log of writes by others: the application under test, through its own connections. */
import type { Code } from '../errors/codes.ts'
import type { CreatedSet } from './capture.ts'
import type { ConnectContext } from './connection.ts'
import type { Json, ResourceSet, RunId, ScopeId, WriterId } from './resource.ts'

/** A store's own write log, installed and removed by `dustpan db`. */
export interface ApplicationLog {
  /** Without secrets: host, port, database. */
  readonly store: string
  /** The current state of the given tables, or of all tables. */
  status(tables: readonly string[] | undefined, ctx: ConnectContext): Promise<ApplicationLogStatus>
  /** The statements that would run; none where nothing has to change. Changes nothing. */
  plan(
    act: 'install' | 'uninstall',
    tables: readonly string[] | undefined,
    ctx: ConnectContext,
  ): Promise<ApplicationLogPlan>
  /** Applies a plan completely, or not at all. */
  apply(plan: ApplicationLogPlan, ctx: ConnectContext): Promise<void>
}

export interface ApplicationLogPlan {
  readonly statements: readonly string[]
  /** Tables that are left out, and why. */
  readonly left: readonly LoggedTable[]
}

export interface ApplicationLogStatus {
  /** `missing`: not installed at all; `stale`: installed, but outdated or changed. */
  readonly state: 'installed' | 'missing' | 'stale'
  readonly tables: readonly LoggedTable[]
  /** Lines not collected yet; without `run`: lines that name no run. */
  readonly waiting: readonly WaitingLines[]
}

export interface WaitingLines {
  readonly run?: RunId
  readonly lines: number
  readonly since: string
  /** A process of the run has not reported its end, and was seen alive recently. */
  readonly atWork?: boolean
}

export interface LoggedTable {
  readonly table: string
  readonly state: 'logged' | 'missing' | 'stale' | 'left'
  readonly code?: Code
  /** Why it is stale or left out. */
  readonly why?: string
}

export interface CollectRequest {
  readonly run: RunId
  /** The asking process; absent: the run's main process, once its workers are done. */
  readonly writer?: WriterId
  /** Scopes whose ids the application may have passed on; absent: all scopes of the run, and lines that name only the run. */
  readonly scopes?: readonly ScopeId[]
  /**
   * When the asking process was the only one at work in its run, in milliseconds since the epoch: lines
   * of that time that name no run are its own.
   */
  readonly alone?: { readonly from: number; readonly to: number }
  /**
   * For a run that is over: lines that name it are its own until this time, in milliseconds since the
   * epoch. Later lines are counted and left.
   */
  readonly until?: number
  /** Whether a resource is already recorded. */
  isKnown(store: string, type: string, key: Json): boolean
  /** Drops recorded creations: their keys belong to rows that existed before, and were deleted and inserted again. */
  notCreated(store: string, type: string, keys: readonly Json[]): void
  /** Records the rows found, before their lines are deleted from the log. `store` is the full id of the store that answered. */
  record(store: string, rows: readonly CollectedSet[]): void
}

/** Rows that the application created and that still exist, or that it changed and that still differ. */
export interface CollectedSet extends CreatedSet {
  /** The scope that the application passed on; absent: it named none. */
  readonly scope?: ScopeId
  /** The rows existed before. */
  readonly changed?: NonNullable<ResourceSet['changed']>
}
