import type { LedgerRun, Resource } from '@dustpan/core/ledger'
import type { Choice } from './choose-due.ts'
import type { CleanOutput } from './clean-output.ts'

/** A person waits for it, and can stop it: a store that hangs has time-outs of its own. */
const patienceMs = 60 * 60_000

/** Removes what is due still: another cleaner may have been at work while the question stood. */
export async function removeChosen(run: LedgerRun, { due }: Choice, output: CleanOutput): Promise<{ left: number }> {
  const before = run.folded().resources
  const states = new Map(due.map(({ id, state }) => [id, state]))
  const resources = due.flatMap(({ id }) => before.get(id) ?? []).filter(({ id, state }) => states.get(id) === state)
  const tries = new Map(resources.map(({ id, attempts }) => [id, attempts]))
  const done = () => resources.filter(({ id, attempts }) => attempts > (tries.get(id) ?? 0)).length
  const stop = output.progress(done, resources.length)
  await run.remove(resources, patienceMs).finally(stop)
  const report = run.writeReport()
  const added = [...run.folded().resources.keys()].filter((id) => !before.has(id))
  output.outcome(run, report, new Set([...states.keys(), ...added]))
  const after = run.folded().resources
  return { left: [...states.keys()].filter((id) => isLeft(after.get(id))).length }
}

const isLeft = (resource: Resource | undefined): boolean =>
  resource !== undefined && !['removed', 'already-gone', 'gone'].includes(resource.state)
