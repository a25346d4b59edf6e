import { parseArgs } from 'node:util'
import type { Sabotage } from './round.ts'

export interface ChaosOptions {
  readonly kills: number
  readonly seed: number
  /** The number of parallel rounds. */
  readonly lanes: number
  /** Only these rounds of the seed. */
  readonly rounds?: readonly number[]
  readonly sabotage?: Sabotage
}

/** @throws TypeError for invalid arguments */
export function readOptions(args: readonly string[]): ChaosOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      kills: { type: 'string', default: '200' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      lanes: { type: 'string', default: '2' },
      round: { type: 'string', multiple: true },
      sabotage: { type: 'string' },
    },
  })
  const { kills, seed, lanes, round, sabotage } = values
  if (sabotage !== undefined && sabotage !== 'guard' && sabotage !== 'ledger')
    throw new TypeError(`--sabotage expected guard or ledger, got ${sabotage}.`)
  return {
    ...{ kills: whole('kills', kills, 1), seed: whole('seed', seed, 0), lanes: whole('lanes', lanes, 1) },
    ...(round ? { rounds: round.map((one) => whole('round', one, 0)) } : {}),
    ...(sabotage ? { sabotage } : {}),
  }
}

function whole(name: string, text: string, least: number): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < least)
    throw new TypeError(`--${name} expected a whole number from ${least} on, got ${JSON.stringify(text)}.`)
  return value
}
