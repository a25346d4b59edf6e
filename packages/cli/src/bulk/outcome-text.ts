/** Formats what was removed, what is left, and why. */
import type { PredicateOutcome } from '@dustpan/core'
import { inColour } from '@dustpan/core/ledger'
import kleur from 'kleur'
import { errorText } from '../print-error.ts'
import type { Terminal } from '../terminal.ts'

export function outcomeText(outcome: PredicateOutcome, terminal: Terminal): string {
  return inColour(
    terminal.colour,
    () => `${[headOf(outcome), ...outcome.left.map((part) => leftText(part, terminal))].join('\n')}\n`,
  )
}

function headOf({ deleted, method, preserved, left }: PredicateOutcome): string {
  const counts = Object.entries(deleted)
  const known = counts.flatMap(([type, count]) => (count === 'unknown' || count === 0 ? [] : [[type, count] as const]))
  const list = known.map(([type, count]) => `${count.toLocaleString('en')} ${type}`).join(', ')
  const unknown = counts.flatMap(([type, count]) => (count === 'unknown' ? [type] : []))
  const verb = { hard: 'Removed', soft: 'Marked as deleted:', mixed: 'Removed or marked as deleted:' }[method]
  const parts = [
    ...(list === '' ? [] : [`${verb} ${list}`]),
    ...(unknown.length > 0
      ? [`${list === '' ? 'Unknown' : 'unknown'} number of ${unknown.join(' and ')} removed`]
      : []),
    ...(counts.every(([, count]) => count === 0) ? ['Nothing was removed'] : []),
    ...Object.keys(preserved).map((type) => `the ${type} stays`),
  ]
  const mark = left.length > 0 ? kleur.yellow('!') : kleur.green('✓')
  return `${mark} ${parts.join('; ')}`
}

function leftText({ store, type, count, ...error }: PredicateOutcome['left'][number], terminal: Terminal): string {
  const many = count === undefined || count === 0 ? [] : [`×${count.toLocaleString('en')}`]
  const what = [type, ...many, `in ${store}`].filter((part) => part !== undefined).join(' ')
  return `\n  ${kleur.bold(count === 0 ? `Failed: ${what}` : `Left: ${what}`)}\n${errorText(error, terminal).trimEnd().replaceAll(/^/gm, '    ')}`
}
