/** What went, and what is left, and why. */
import type { PredicateOutcome } from '@dustpan/core'
import { inColour } from '@dustpan/core/ledger'
import kleur from 'kleur'
import { errorText } from '../tell-error.ts'
import type { Terminal } from '../terminal.ts'

export function outcomeText(outcome: PredicateOutcome, terminal: Terminal): string {
  return inColour(
    terminal.colour,
    () => `${[headOf(outcome), ...outcome.left.map((part) => leftText(part, terminal))].join('\n')}\n`,
  )
}

function headOf({ deleted, method, preserved, left }: PredicateOutcome): string {
  const counts = Object.entries(deleted).filter(([, count]) => count !== 0)
  const list = counts
    .map(([type, count]) => `${count === 'unknown' ? '?' : count.toLocaleString('en')} ${type}`)
    .join(', ')
  const stays = Object.keys(preserved).map((type) => `; the ${type} stays`)
  const verb = { hard: 'Removed', soft: 'Marked as deleted:', mixed: 'Removed or marked as deleted:' }[method]
  const mark = left.length > 0 ? kleur.yellow('!') : kleur.green('✓')
  return `${mark} ${list === '' ? 'Nothing was removed' : `${verb} ${list}`}${stays.join('')}`
}

function leftText({ store, type, count, ...error }: PredicateOutcome['left'][number], terminal: Terminal): string {
  const what = [count?.toLocaleString('en'), type, `in ${store}`].filter((part) => part !== undefined).join(' ')
  return `\n  ${kleur.bold(`Left: ${what}`)}\n${errorText(error, terminal).trimEnd().replaceAll(/^/gm, '    ')}`
}
