import type { LedgerRun, Resource } from '@dustpan/core/ledger'
import { isRefusal } from '../exit-code.ts'
import { patienceMs } from '../patience.ts'
import type { Choice } from '../removal/choose-due.ts'
import type { CleanOutput } from './clean-output.ts'

export interface Left {
  readonly left: number
  /** How many of those left were refused, because the store reported an address that is not allowed. */
  readonly refused: number
}

/** Removes what is still due: another cleaner may have removed some while the prompt was open. */
export async function removeChosen(
  run: LedgerRun,
  { due, takenOver }: Choice,
  output: Pick<CleanOutput, 'progress' | 'others' | 'outcome'>,
): Promise<Left> {
  const before = run.folded().resources
  const states = new Map(due.map(({ id, state }) => [id, state]))
  const resources = due.flatMap(({ id }) => before.get(id) ?? []).filter(({ id, state }) => states.get(id) === state)
  output.others(due.length - resources.length)
  const tries = new Map(resources.map(({ id, attempts }) => [id, attempts]))
  const done = () => resources.filter(({ id, attempts }) => attempts > (tries.get(id) ?? 0)).length
  const stop = output.progress(done, resources.length)
  await run.remove(resources, patienceMs).finally(stop)
  run.dropTakenOver(takenOver)
  const report = run.writeReport()
  const added = [...run.folded().resources.keys()].filter((id) => !before.has(id))
  output.outcome(run, report, new Set([...resources.map(({ id }) => id), ...added]))
  const after = run.folded().resources
  const left = [...states.keys()].flatMap((id) => after.get(id) ?? []).filter(isLeft)
  return { left: left.length, refused: left.filter(({ error }) => isRefusal(error?.code)).length }
}

const isLeft = ({ state }: Resource): boolean => !['removed', 'already-gone', 'gone'].includes(state)
