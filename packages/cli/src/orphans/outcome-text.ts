/** Formats the outcome of each run's orphans. */
import { type Cell, columns, inColour, isGone, isUnreachable } from '@dustpan/core/ledger'
import kleur from 'kleur'
import { countByState } from '../count-by-state.ts'
import type { Terminal } from '../terminal.ts'
import type { RecoveredRun } from './clean-orphans.ts'

export function outcomeText(recovered: readonly RecoveredRun[], { width, colour }: Terminal): string {
  return inColour(colour, () => `${columns(recovered.map(row), { width }).join('\n')}\n`)
}

function row({ id, found, unknown, error }: RecoveredRun): readonly Cell[] {
  const [unseen = [], gone = []] = [true, false].map((isUnseen) =>
    found.filter(({ state, why }) => isGone(state) && (why === 'never-seen') === isUnseen),
  )
  const unreachable = found.filter(isUnreachable).length
  const left = Object.entries(countByState(found.filter((one) => !isGone(one.state) && !isUnreachable(one))))
  if (unreachable > 0) left.push(['pending: unreachable', unreachable])
  const states = [
    ...(gone.length > 0 ? [`${gone.length} removed`] : []),
    ...(unseen.length > 0 ? [`${unseen.length} never seen`] : []),
    ...left.map(([state, count]) => `${count} ${state}`),
    ...(unknown === undefined ? [] : [`${unknown} unknown`]),
  ]
  const next = left.length > 0 || unknown !== undefined ? `npx dustpan list ${id}` : ''
  return [
    { text: id, whole: true },
    {
      text: error ? 'not cleaned' : states.join(', ') || 'nothing was left',
      paint: error || left.some(isBad) ? kleur.red : kleur.green,
    },
    { text: next, paint: (text) => kleur.dim(text), whole: true },
  ]
}

const isBad = ([state]: readonly [string, number]): boolean => state !== 'kept'
