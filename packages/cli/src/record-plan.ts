/** The records that `forget` or `release` would change, by run. */
import {
  type Cell,
  columns,
  inColour,
  oneLine,
  paintState,
  type RecordedRun,
  type ResourceRecord,
  resourceName,
  stateMark,
} from '@dustpan/core/ledger'
import kleur from 'kleur'
import { counted } from './counted.ts'
import { runHead } from './run-head.ts'
import type { Terminal } from './terminal.ts'

export interface RecordPlan {
  readonly run: RecordedRun
  readonly due: readonly ResourceRecord[]
  /** In use by running tests: without their record nothing would remove them. */
  readonly busy: readonly ResourceRecord[]
}

const maxRecords = 50

/** @param stay what happens to resources in use, in words */
export function recordPlanText(
  plans: readonly RecordPlan[],
  { colour, width }: Terminal,
  stay = 'stay on record',
): string {
  return inColour(colour, () => plans.map((plan) => `${runText(plan, width, stay).join('\n')}\n\n`).join(''))
}

function runText({ run, due, busy }: RecordPlan, width: number, stay: string): readonly string[] {
  const records = columns(due.slice(0, maxRecords).map(cells), { width, indent: '  ' })
  const more = due.length - maxRecords
  return [
    runHead(run.folded, run.report),
    ...(busy.length === 0
      ? []
      : [kleur.yellow(`The run is still in progress. ${counted(busy.length)} in use will ${stay} until it ends.`)]),
    ...records,
    ...(more > 0 ? [`  ${kleur.dim(`and ${more.toLocaleString('en')} more; --json lists all`)}`] : []),
  ]
}

function cells(record: ResourceRecord): readonly Cell[] {
  const { state, removal, storeId, id } = record
  const dim = (text: string) => kleur.dim(text)
  return [
    { text: `${stateMark(state)} ${state}`, paint: paintState(state), whole: true },
    { text: oneLine(resourceName(record)) },
    { text: oneLine(removal), paint: dim },
    { text: oneLine(storeId), paint: dim },
    { text: `id ${id}`, paint: dim, whole: true },
  ]
}
