/** What would be forgotten, by run. */
import {
  type Cell,
  columns,
  inColour,
  oneLine,
  paintState,
  type ResourceRecord,
  resourceName,
  stateMark,
} from '@dustpan/core/ledger'
import kleur from 'kleur'
import { runHead } from '../list/run-head.ts'
import type { Terminal } from '../terminal.ts'
import type { Found } from './find-records.ts'

const mostRecords = 50

/** `stay`: what becomes of what is in use. */
export function planText(found: readonly Found[], { colour, width }: Terminal, stay = 'stay on record'): string {
  return inColour(colour, () => found.map((one) => `${runText(one, width, stay).join('\n')}\n\n`).join(''))
}

function runText({ run, due, busy }: Found, width: number, stay: string): readonly string[] {
  const records = columns(due.slice(0, mostRecords).map(cells), { width, indent: '  ' })
  const more = due.length - mostRecords
  return [
    runHead(run.folded, run.report),
    ...(busy.length === 0
      ? []
      : [kleur.yellow(`The run is still going on: ${busy.length} of its things ${stay} until it is over.`)]),
    ...records,
    ...(more > 0 ? [`  ${kleur.dim(`and ${more.toLocaleString('en')} more; --json lists each`)}`] : []),
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
