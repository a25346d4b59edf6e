import { type AuditEntry, type Cell, columns, inColour, oneLine } from '@dustpan/core/ledger'
import kleur from 'kleur'
import type { Terminal } from '../terminal.ts'

/** One line per entry, with the reason of a refusal or failure below it. */
export function auditText(entries: readonly AuditEntry[], { width, colour }: Terminal): string {
  if (entries.length === 0) return 'Nothing was removed or refused.\n'
  return inColour(colour, () => {
    const lines = columns(entries.map(row), { width })
    const withReasons = entries.flatMap(({ message }, i) => [lines[i] ?? '', ...(message ? [reason(message)] : [])])
    return `${withReasons.join('\n')}\n`
  })
}

const dim = (text: string): string => kleur.dim(text)

const reason = (message: string): string => dim(`  ${oneLine(message)}`)

function row({
  at,
  what,
  result,
  by,
  environment,
  type = '',
  count,
  keys,
  predicate = '',
  store = '',
  run = '',
}: AuditEntry): Cell[] {
  const how = what === 'removal' || what === 'restore' ? result : `${what} ${result}`
  return [
    { text: at.replace('T', ' ').slice(0, 19), whole: true },
    { text: how, paint: paints[result] ?? kleur.yellow, whole: true },
    { text: oneLine(count === undefined || count === 1 ? type : `${type} ×${count}`) },
    { text: oneLine(keys ? shortened(keys) : predicate), paint: dim },
    { text: oneLine(store), paint: dim },
    { text: environment },
    { text: oneLine(`${by.user}@${by.host}${by.job === undefined ? '' : ` ${by.job}`}`) },
    { text: run, paint: dim },
  ]
}

const shortened = (keys: readonly string[]): string => `${keys.slice(0, 5).join(', ')}${keys.length > 5 ? ' …' : ''}`

const paints: Readonly<Record<string, (text: string) => string>> = {
  removed: (text) => kleur.green(text),
  marked: (text) => kleur.green(text),
  'already-gone': (text) => kleur.green(text),
  restored: (text) => kleur.green(text),
  there: (text) => kleur.green(text),
  refused: (text) => kleur.red(text),
  failed: (text) => kleur.red(text),
}
