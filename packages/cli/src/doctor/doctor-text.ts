/** Formats the checks: a line for each, and below them each problem with its fix. */
import { type Cell, columns, explainText, inColour, oneLine } from '@dustpan/core/ledger'
import kleur from 'kleur'
import { counted } from '../counted.ts'
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
    const indent = ' '.repeat(Math.max(...checks.map(({ subject }) => subject.length)) + 4)
    const lines = rows.flatMap((line, i) => rowLines(checks[i] as Check, line, { indent, width }))
    const problems = checks.filter(({ state }) => state !== 'fine')
    return `${[...lines, ...problems.flatMap((check) => details(check, width)), '', conclusion(checks)].join('\n')}\n`
  })
}

const row = ({ subject, message }: Check): readonly Cell[] => [
  { text: subject, whole: true },
  { text: oneLine(message) },
]

/** A passed check has no details below, so its message is wrapped instead of cut. */
function rowLines(
  { state, subject, message }: Check,
  line: string,
  { indent, width }: { readonly indent: string; readonly width: number },
): readonly string[] {
  if (state !== 'fine' || indent.length + oneLine(message).length <= width) return [`${marks[state]()} ${line}`]
  const [first = '', ...rest] = inColour(false, () => explainText(message, { width, indent }))
  return [`${marks.fine()} ${subject.padEnd(indent.length - 2)}${first.trimStart()}`, ...rest]
}

function details({ state, subject, message, fix, run }: Check, width: number): readonly string[] {
  return [
    '',
    `${marks[state]()} ${kleur.bold(subject)}`,
    ...wrapped(message, width),
    ...(fix === undefined ? [] : wrapped(fix, width)),
    // Never wrapped, as people copy it.
    ...(run === undefined ? [] : run.split('\n').map((line) => `    ${kleur.cyan(line)}`)),
  ]
}

const wrapped = (text: string, width: number): readonly string[] =>
  inColour(false, () => explainText(text, { width: Math.max(40, width), indent: '  ' }))

function conclusion(checks: readonly Check[]): string {
  const count = (state: Check['state']) => checks.filter((check) => check.state === state).length
  const [wrong, warnings] = [count('wrong'), count('warning')]
  const parts = [
    ...(wrong > 0 ? [kleur.red(counted(wrong, 'problem'))] : []),
    ...(warnings > 0 ? [kleur.yellow(counted(warnings, 'warning'))] : []),
  ]
  return parts.length === 0 ? kleur.green('No problems found.') : `${parts.join(', ')}.`
}
