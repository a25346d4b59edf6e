/** Everything of a run goes, kept things included. */
import { type LedgerRun, lockEverywhere, narrowReport, renderText, type Settings } from '@dustpan/core/ledger'
import { isRefusal } from '../exit-code.ts'
import { patienceMs } from '../patience.ts'
import { auditRefused } from '../removal/audit-refused.ts'
import { type Choice, chooseDue } from '../removal/choose-due.ts'
import { errorText, type ToldError } from '../tell-error.ts'
import type { Terminal } from '../terminal.ts'

export interface CleanedRun {
  readonly run: string
  /** How many were due. */
  readonly due: number
  readonly left: number
  /** Of these. */
  readonly refused: number
  /** In use by tests that may still be running. */
  readonly busy: number
  /** Why it could not be cleaned at all. */
  readonly error?: ToldError
}

/** Of a run that goes on, what its tests do not need. */
export async function removeAll(
  run: LedgerRun,
  settings: Settings,
  isOver: boolean,
  terminal: Terminal,
): Promise<CleanedRun> {
  await using _lock = await lockEverywhere(settings, run.folded().id)
  if (isOver) await conclude(run)
  const choice = chooseDue(run, {}, !isOver)
  if (choice.refused.length > 0) auditRefused(run, choice, settings)
  await run.remove(choice.due, patienceMs)
  tellOutcome(run, choice, terminal)
  return countLeft(run, choice)
}

/** As its main process would have, had it lived. */
async function conclude(run: LedgerRun): Promise<void> {
  const { ended, endedInParts } = run.folded()
  if (ended !== undefined && !endedInParts) return
  await run.collect()
  if (run.isEmpty) return
  await run.resolve()
  await run.sweep('lost')
}

function tellOutcome(run: LedgerRun, { due, refused, refusals }: Choice, terminal: Terminal): void {
  const { colour, width, write } = terminal
  const report = run.writeReport()
  const ids = new Set([...due, ...refused].map(({ id }) => id))
  if (ids.size > 0) write(`${renderText(narrowReport(report, ids), { color: colour, width, maxRemoved: 20 })}\n`)
  for (const refusal of refusals) terminal.writeError(errorText(refusal, terminal))
}

function countLeft(run: LedgerRun, { due, refused, busy }: Choice): CleanedRun {
  const { id, resources } = run.folded()
  const left = due.flatMap((one) => resources.get(one.id) ?? []).filter(({ state }) => !gone.has(state))
  return {
    run: id,
    due: due.length + refused.length,
    left: left.length + refused.length,
    refused: refused.length + left.filter(({ error }) => isRefusal(error?.code)).length,
    busy: busy.length,
  }
}

const gone: ReadonlySet<string> = new Set(['removed', 'already-gone', 'gone'])
