/** Formats the runs that left something, one line each. */
import { type Cell, columns, inColour, type Orphans, oneLine, redact } from '@dustpan/core/ledger'
import kleur from 'kleur'
import { age } from '../age.ts'
import { counted } from '../counted.ts'
import type { Terminal } from '../terminal.ts'
import { total } from './total.ts'

export function listText(orphans: readonly Orphans[], { width, colour }: Terminal): string {
  return inColour(colour, () => `${columns([head(), ...orphans.map(row)], { width }).join('\n')}\n\n`)
}

/** @param refused the number of resources left because their removal was refused, which are not orphans */
export function noneText(refused: number): string {
  if (refused === 0) return 'No orphans: every finished run has cleaned up.\n'
  return `No orphans. Removal of ${counted(refused)} was refused: npx dustpan list shows the runs, npx dustpan clean <run> tries again.\n`
}

const dim = (text: string): string => kleur.dim(text)

function head(): readonly Cell[] {
  const name = (text: string): Cell => ({ text, paint: dim })
  const number = (text: string): Cell => ({ text, paint: dim, right: true })
  return [
    name('RUN'),
    name('LAST SEEN'),
    name('RUNNER'),
    number('LEFT'),
    number('OVERDUE'),
    number('RELEASED'),
    number('TO KEEP'),
    number('UNKNOWN'),
    name('TYPES'),
  ]
}

function row({ run, due, overdue, released, kept, intents }: Orphans): readonly Cell[] {
  const types = [...new Set([...Object.keys(due), ...Object.keys(kept)])]
  const what = types.map((type) => `${type} ×${(due[type] ?? 0) + (kept[type] ?? 0)}`)
  return [
    { text: oneLine(run.id), whole: true },
    { text: age(run.latestAt), whole: true },
    { text: oneLine(redact(run.writers[0]?.runner ?? 'unknown')) },
    ...[number(total(due) - total(overdue), kleur.red), number(total(overdue) - released, kleur.red)],
    ...[number(released, kleur.red), number(total(kept), kleur.yellow), number(intents, kleur.yellow)],
    { text: oneLine(what.join(', ')), paint: dim },
  ]
}

function number(value: number, paint: (text: string) => string): Cell {
  return { text: value.toLocaleString('en'), paint: value === 0 ? dim : paint, right: true, whole: true }
}
