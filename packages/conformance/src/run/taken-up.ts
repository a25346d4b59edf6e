/** A run from its records alone, as the command line takes it up. */
import { type LedgerRun, openLedgerRun } from '@dustpan/core/ledger'
import { prepareSettings } from '@dustpan/core/runner'

export async function takeUp(folder: string, id: string): Promise<LedgerRun> {
  const run = await openLedgerRun(await prepareSettings(folder), { run: id, runner: 'dustpan' }, 'cli')
  if (!run) throw new Error(`no run ${id}`)
  return run
}

/** What is left of it goes, with what the application wrote. */
export async function clean(folder: string, id: string): Promise<void> {
  await using run = await takeUp(folder, id)
  await run.collect()
  await run.remove([...run.folded().resources.values()])
}

/** What came of each thing that was to be put back from its backup, sorted. */
export async function restore(folder: string, id: string): Promise<readonly string[]> {
  await using run = await takeUp(folder, id)
  const outcomes = await run.restore([...run.folded().resources.values()])
  return [...outcomes.values()].map((one) => (one.state === 'restored' ? (one.result ?? '') : one.error.message)).sort()
}
