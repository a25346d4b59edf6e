import { type DoomedRun, doomed as doomedRun } from '@dustpan/conformance/run'

export interface Plan {
  /** The names of the acts, which run one after the other on their own clients. Each inserts the row with its index as id. */
  readonly acts: readonly string[]
  /** The line of the ledger at which the process kills itself. Without it, it waits to be killed. */
  readonly diesOf?: string
}

/** A run in a child process that carries out the plan, and waits to be killed or kills itself. */
export const doomed = (url: string, plan: Plan): Promise<DoomedRun> =>
  doomedRun('@dustpan/postgres', url, new URL('./killed-run.ts', import.meta.url), { ...plan })
