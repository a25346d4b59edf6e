/** Removes everything of a run, kept resources included. */
import { type LedgerRun, lockEverywhere, narrowReport, renderText, type Settings } from '@dustpan/core/ledger'
import { isRefusal } from '../exit-code.ts'
import { patienceMs } from '../patience.ts'
import { type ErrorInfo, errorText } from '../print-error.ts'
import { auditRefused } from '../removal/audit-refused.ts'
import { type Choice, chooseDue } from '../removal/choose-due.ts'
import type { Terminal } from '../terminal.ts'

export interface CleanedRun {
  readonly run: string
  /** The number of resources that were due. */
  readonly due: number
  readonly left: number
  /** How many of those left were refused. */
  readonly refused: number
  /** The number of resources in use by tests that may still be running. */
  readonly busy: number
  /** Why it could not be cleaned at all. */
  readonly error?: ErrorInfo
}

/** Of a run in progress, removes only what its tests do not need. */
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
  run.dropTakenOver(choice.takenOver)
  printOutcome(run, choice, terminal)
  return countLeft(run, choice)
}

/** Ends a run in place of its dead main process. */
async function conclude(run: LedgerRun): Promise<void> {
  const { ended, endedInParts } = run.folded()
  if (ended !== undefined && !endedInParts) return
  await run.collect()
  if (run.isEmpty) return
  await run.resolve()
  await run.sweep('lost')
}

function printOutcome(run: LedgerRun, { due, refused, refusals }: Choice, terminal: Terminal): void {
  const { colour, width, write } = terminal
  const report = run.writeReport()
  const ids = new Set([...due, ...refused].map(({ id }) => id))
  if (ids.size > 0) write(`${renderText(narrowReport(report, ids), { color: colour, width, maxRemoved: 20 })}\n`)
  for (const refusal of refusals) terminal.writeError(errorText(refusal, terminal))
}

function countLeft(run: LedgerRun, { due, refused, busy }: Choice): CleanedRun {
  const { id, resources } = run.folded()
  const left = due.flatMap(({ id }) => resources.get(id) ?? []).filter(({ state }) => !gone.has(state))
  return {
    run: id,
    due: due.length + refused.length,
    left: left.length + refused.length,
    refused: refused.length + left.filter(({ error }) => isRefusal(error?.code)).length,
    busy: busy.length,
  }
}

const gone: ReadonlySet<string> = new Set(['removed', 'already-gone', 'gone'])
