import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { schedule } from '../chaos/schedule.ts'
import { root } from '../workspace.ts'

/** Runs scripts/chaos.ts and parses the numbers in its last line. */
async function chaos(...args: string[]) {
  const { exitCode, all } = await execa(process.execPath, [join(root, 'scripts/chaos.ts'), ...args], {
    all: true,
    reject: false,
  })
  const last = all.trimEnd().split('\n').at(-1) ?? ''
  const numbers = /^chaos: kills (\d+), created (\d+), left (\d+), wrongly removed (\d+)$/.exec(last)?.slice(1) ?? []
  const [kills = -1, created = -1, left = -1, wronglyRemoved = -1] = numbers.map(Number)
  return { exitCode, all, kills, created, left, wronglyRemoved }
}

const longMs = 1_200_000

/** One round, whose SIGKILL hits the main process and all its children. */
const oneKill = ['--kills', '20', '--seed', '6', '--round', '6']

test('after kills in every phase nothing is left and nothing is wrongly removed', {
  timeout: longMs,
}, async () => {
  const { exitCode, all, kills, created, left, wronglyRemoved } = await chaos('--kills', '10', '--seed', '6')
  expect({ exitCode, kills, left, wronglyRemoved }, all).toEqual({ exitCode: 0, kills: 10, left: 0, wronglyRemoved: 0 })
  expect(created).toBeGreaterThanOrEqual(10 * 20)
})

test('without the guard for runs in progress, chaos reports resources that were wrongly removed', {
  timeout: longMs,
}, async () => {
  const { exitCode, all, wronglyRemoved } = await chaos(...oneKill, '--sabotage', 'guard')
  expect(exitCode, all).toBe(1)
  expect(wronglyRemoved, all).toBeGreaterThan(0)
})

test('with a ledger that loses records, chaos reports resources that are left', { timeout: longMs }, async () => {
  const { exitCode, all, left } = await chaos(...oneKill, '--sabotage', 'ledger')
  expect(exitCode, all).toBe(1)
  expect(left, all).toBeGreaterThan(0)
})

test('the schedule depends only on the seed, and covers all phases equally', () => {
  const rounds = schedule(7, 200, 5)
  expect(schedule(7, 200, 5)).toEqual(rounds)
  expect(schedule(8, 200, 5)).not.toEqual(rounds)
  const phases = Object.values(Object.groupBy(rounds, ({ phase }) => phase)).map((its) => its?.length)
  expect(phases).toEqual([40, 40, 40, 40, 40])
})
