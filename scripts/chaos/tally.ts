/** Sums up all rounds, and formats the result. */
import type { Result } from './round.ts'
import { phases } from './schedule.ts'

export interface Tally {
  readonly kills: number
  readonly created: number
  readonly kept: number
  readonly left: number
  readonly wronglyRemoved: number
}

/** @param outlived what is left of the live runs */
export function tallyOf(results: readonly Result[], outlived: readonly string[] = []): Tally {
  const sum = (of: (result: Result) => number) => results.reduce((total, result) => total + of(result), 0)
  return {
    kills: sum(({ struck }) => Number(struck)),
    created: sum(({ created }) => created),
    kept: sum(({ kept }) => kept.length),
    left: sum(({ left }) => left.length) + outlived.length,
    wronglyRemoved: sum(({ wronglyRemoved }) => wronglyRemoved.length),
  }
}

export function phaseLines(results: readonly Result[]): string {
  const { kills } = tallyOf(results)
  const lines = phases.map((phase) => {
    const own = tallyOf(results.filter(({ round }) => round.phase === phase))
    const share = Math.round((100 * own.kills) / Math.max(1, kills))
    return `  ${phase.padEnd(13)} ${String(own.kills).padStart(5)} kills  ${String(share).padStart(3)} %`
  })
  return lines.join('\n')
}

export const lastLine = ({ kills, created, left, wronglyRemoved }: Tally): string =>
  `chaos: kills ${kills}, created ${created}, left ${left}, wrongly removed ${wronglyRemoved}`

export const isFine = ({ left, wronglyRemoved }: Pick<Result, 'left' | 'wronglyRemoved'>): boolean =>
  left.length + wronglyRemoved.length === 0
