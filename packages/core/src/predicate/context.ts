/** The context of a removal by predicate. */
import type { Connections } from '../cleanup/connections.ts'
import type { Settings } from '../config/settings.ts'
import type { Driver } from '../resource/driver.ts'
import type { RunsAtWork, Spared } from '../resource/predicate.ts'

export interface PredicateContext {
  readonly settings: Settings
  readonly drivers: ReadonlyMap<string, Driver>
  readonly connections: Connections
  /** Recorded resources of runs in progress, by type: they are kept. */
  readonly live: Spared['ids']
  /** Runs whose resources are kept while they may be going on. */
  readonly runs: RunsAtWork
  /** Milliseconds since the epoch. */
  readonly deadline: number
}
