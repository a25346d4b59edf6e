/** Opens a run from its records alone, as the command line does. */
import { type LedgerRun, openLedgerRun } from '@dustpan/core/ledger'
import { prepareSettings } from '@dustpan/core/runner'

export async function takeUp(folder: string, id: string): Promise<LedgerRun> {
  const run = await openLedgerRun(await prepareSettings(folder), { run: id, runner: 'dustpan' }, 'cli')
  if (!run) throw new Error(`no run ${id}`)
  return run
}

/** Removes what is left of the run, including what the application wrote. */
export async function clean(folder: string, id: string): Promise<void> {
  await using run = await takeUp(folder, id)
  await run.collect()
  await run.remove([...run.folded().resources.values()])
}

/** Restores from backups, and returns the outcome of each resource, sorted. */
export async function restore(folder: string, id: string): Promise<readonly string[]> {
  await using run = await takeUp(folder, id)
  const outcomes = await run.restore([...run.folded().resources.values()])
  return [...outcomes.values()].map((one) => (one.state === 'restored' ? (one.result ?? '') : one.error.message)).sort()
}
