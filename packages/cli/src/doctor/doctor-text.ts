/** A line for each look; below, what is to be mended, and how. */
import { type Cell, columns, explainText, inColour, oneLine } from '@dustpan/core/ledger'
import kleur from 'kleur'
import type { Terminal } from '../terminal.ts'
import type { Check } from './check.ts'

const marks = {
  fine: () => kleur.green('✓'),
  warning: () => kleur.yellow('!'),
  wrong: () => kleur.red('✗'),
} as const

export function checksText(checks: readonly Check[], { colour, width }: Terminal): string {
  return inColour(colour, () => {
    const rows = columns(checks.map(row), { width: width - 2 })
    const lines = rows.map((line, i) => `${marks[checks[i]?.state ?? 'fine']()} ${line}`)
    const amiss = checks.filter(({ state }) => state !== 'fine')
    return `${[...lines, ...amiss.flatMap((check) => details(check, width)), '', conclusion(checks)].join('\n')}\n`
  })
}

const row = ({ subject, message }: Check): readonly Cell[] => [
  { text: subject, whole: true },
  { text: oneLine(message) },
]

function details({ state, subject, message, mend, run }: Check, width: number): readonly string[] {
  return [
    '',
    `${marks[state]()} ${kleur.bold(subject)}`,
    ...wrapped(message, width),
    ...(mend === undefined ? [] : wrapped(mend, width)),
    // Whole, to be copied.
    ...(run === undefined ? [] : run.split('\n').map((line) => `    ${kleur.cyan(line)}`)),
  ]
}

const wrapped = (text: string, width: number): readonly string[] =>
  inColour(false, () => explainText(text, { width: Math.max(40, width), indent: '  ' }))

function conclusion(checks: readonly Check[]): string {
  const count = (state: Check['state']) => checks.filter((check) => check.state === state).length
  const [wrong, warnings] = [count('wrong'), count('warning')]
  const told = [
    ...(wrong > 0 ? [kleur.red(`${wrong} to mend`)] : []),
    ...(warnings > 0 ? [kleur.yellow(`${warnings} to look at`)] : []),
  ]
  return told.length === 0 ? kleur.green('All is right.') : `${told.join(', ')}.`
}
