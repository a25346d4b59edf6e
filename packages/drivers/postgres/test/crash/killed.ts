import { type DoomedRun, doomed as doomedRun } from '@dustpan/conformance/run'

export interface Plan {
  /** What is done in a test, one after the other, each on clients of its own, by its name. Each inserts the row of its number. */
  readonly acts: readonly string[]
  /** Of which line of the ledger it dies. Otherwise it waits. */
  readonly diesOf?: string
}

/** A run whose process does as planned, and waits to be killed or has killed itself. */
export const doomed = (url: string, plan: Plan): Promise<DoomedRun> =>
  doomedRun('@dustpan/postgres', url, new URL('./killed-run.ts', import.meta.url), { ...plan })
