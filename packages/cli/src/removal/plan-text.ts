/** Formats what would be removed: the calls, in order. */
import {
  type Alike,
  alike,
  type Cell,
  callOf,
  columns,
  inColour,
  type LedgerRun,
  oneLine,
  type ResourceRecord,
  resourceName,
} from '@dustpan/core/ledger'
import kleur from 'kleur'
import { counted } from '../counted.ts'
import { runHead } from '../run-head.ts'
import type { Terminal } from '../terminal.ts'
import type { Choice } from './choose-due.ts'

export function planText(run: LedgerRun, choice: Choice, { colour, width }: Terminal): string {
  return inColour(colour, () => {
    const lines = [
      runHead(run.folded(), run.report()),
      ...busyLine(choice),
      ...takenOverLine(choice),
      ...body(run, choice, width),
    ]
    return `${lines.join('\n')}\n\n`
  })
}

function busyLine({ busy }: Choice): readonly string[] {
  if (busy.length === 0) return []
  return [kleur.yellow(`The run is still in progress. ${counted(busy.length)} in use will stay until it ends.`)]
}

/** Their records are dropped with the next removal. */
function takenOverLine({ takenOver }: Choice): readonly string[] {
  if (takenOver.length === 0) return []
  const it = takenOver.length === 1 ? 'it' : 'them'
  return [`${counted(takenOver.length)} created again since, by a test or run that keeps ${it}, will stay.`]
}

function body(run: LedgerRun, choice: Choice, width: number): readonly string[] {
  const { due, refused, busy, noneChosen } = choice
  if (due.length > 0) return ['', ...steps(run, choice, width), '', ...stores(choice, width)]
  return [refused.length + busy.length > 0 ? 'Nothing can be removed.' : (noneChosen ?? 'Nothing left to remove.')]
}

const maxSteps = 30

/** One line per step of the plan; for a long plan, one per kind of resource, with the number of steps. */
function steps(run: LedgerRun, { due, records }: Choice, width: number): readonly string[] {
  const units = run.plan(due).units.map(({ resources }) => resources.flatMap(({ id }) => records.get(id) ?? []))
  const single = units.flatMap((unit) => alike(unit, { kindOf: callOf }))
  const isLong = single.length > maxSteps
  const groups = isLong ? alike(units.flat(), { upTo: 1, kindOf: callOf }) : single
  const digits = String(groups.length).length
  const lines = columns(
    groups.map((group, i) => step(group, isLong ? '•' : `${i + 1}`.padStart(digits))),
    { width, indent: '  ' },
  )
  const note = `in ${units.length.toLocaleString('en')} steps, dependents first; --json lists all`
  return isLong ? [...lines, `  ${kleur.dim(note)}`] : lines
}

function step({ resources, removal }: Alike, number: string): readonly Cell[] {
  const [first] = resources
  const several = resources.length > 1
  return [
    { text: number, paint: (text) => kleur.dim(text), whole: true },
    {
      text: oneLine(several ? `${first.type} ×${resources.length.toLocaleString('en')}` : resourceName(first)),
    },
    { text: oneLine(removal), paint: (text) => kleur.cyan(text) },
    { text: several ? keysOf(resources) : '', paint: (text) => kleur.dim(text) },
  ]
}

/** `7, 8, 9 … 40`. */
function keysOf(resources: Alike['resources']): string {
  const keys = resources.map(({ key }) => oneLine(key))
  const all = keys.join(', ')
  if (keys.length <= 5 && all.length <= 60) return all
  return `${keys.slice(0, keys.some(({ length }) => length > 12) ? 1 : 3).join(', ')} … ${keys.at(-1)}`
}

/** The number of resources in each store, and the store's address. */
function stores({ due, records }: Choice, width: number): readonly string[] {
  const all = due.flatMap(({ id }) => records.get(id) ?? [])
  const rows = [...Map.groupBy(all, ({ store, storeId }) => `${store}\n${storeId}`).values()].map((group) =>
    storeRow(group),
  )
  return columns(rows, { width, indent: '  ' })
}

function storeRow(group: readonly ResourceRecord[]): readonly Cell[] {
  const [first] = group
  return [
    { text: counted(group.length), right: true, whole: true },
    { text: `in ${first?.store ?? ''}`, whole: true },
    { text: first?.storeId ?? '', paint: (text) => kleur.dim(text) },
  ]
}
