/** What removal by predicate needs, from wherever it is asked for. */
import type { Connections } from '../cleanup/connections.ts'
import type { Settings } from '../config/settings.ts'
import type { Driver } from '../resource/driver.ts'
import type { RunsAtWork, Spared } from '../resource/predicate.ts'

export interface PredicateContext {
  readonly settings: Settings
  readonly drivers: ReadonlyMap<string, Driver>
  readonly connections: Connections
  /** What runs that are going on have on record, by type: it stays. */
  readonly live: Spared['ids']
  /** Whose things stay as long as they may be going on. */
  readonly runs: RunsAtWork
  /** Milliseconds since the epoch. */
  readonly deadline: number
}
