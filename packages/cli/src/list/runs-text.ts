import { existsSync } from 'node:fs'
import { type Cell, columns, inColour, oneLine } from '@dustpan/core/ledger'
import kleur from 'kleur'
import { age } from '../age.ts'
import type { Terminal } from '../terminal.ts'
import type { RunLine } from './summarise-run.ts'

interface Rest {
  readonly dir: string
  /** The number of older runs that are not listed. */
  readonly older: number
}

/** One line per run. */
export function runsText(runs: readonly RunLine[], { dir, older }: Rest, { width, colour }: Terminal): string {
  if (runs.length === 0)
    return `No run has tracked anything yet: ${dir} ${existsSync(dir) ? 'is empty' : 'does not exist'}.\n`
  return inColour(colour, () => {
    const more = older > 0 ? [kleur.dim(`… and ${older} older: --limit ${runs.length + older}`)] : []
    const isUnsure = runs.some(({ unknown }) => unknown > 0)
    const rows = [head(isUnsure), ...runs.map((run) => row(run, isUnsure))]
    return `${[...columns(rows, { width }), ...more].join('\n')}\n`
  })
}

const dim = (text: string): string => kleur.dim(text)

function head(isUnsure: boolean): readonly Cell[] {
  const name = (text: string): Cell => ({ text, paint: dim })
  const number = (text: string): Cell => ({ text, paint: dim, right: true })
  return [
    ...[name('RUN'), name('AGE'), name('RUNNER'), name('ENDED')],
    ...[number('TRACKED'), number('REMOVED'), number('KEPT'), number('LEFT')],
    ...(isUnsure ? [number('UNKNOWN')] : []),
  ]
}

function row(
  { id, startedAt, runner, ended, tracked, removed, kept, left, unknown }: RunLine,
  isUnsure: boolean,
): readonly Cell[] {
  return [
    { text: oneLine(id), whole: true },
    { text: startedAt === undefined ? '' : age(startedAt).replace(' ago', ''), whole: true },
    { text: oneLine(runner) },
    { text: ended, paint: endings[ended] ?? kleur.yellow },
    ...[number(tracked), number(removed, kleur.green), number(kept, kleur.yellow), number(left, kleur.red)],
    ...(isUnsure ? [number(unknown, kleur.yellow)] : []),
  ]
}

const endings: Readonly<Partial<Record<RunLine['ended'], (text: string) => string>>> = {
  passed: (text) => kleur.green(text),
  failed: (text) => kleur.red(text),
  lost: (text) => kleur.red(text),
  empty: dim,
}

function number(value: number, paint: (text: string) => string = (text) => text): Cell {
  return { text: String(value), paint: value === 0 ? dim : paint, right: true, whole: true }
}
