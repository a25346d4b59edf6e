/** Cases: workers of every kind, shared or not. */
import type { Case, Mode } from '../case.ts'

const everything = `
const pool = openPool()
let team
beforeAll(async () => { team = await create('teams') })
afterAll(() => pool.end())
test('passes', {}, async () => {
  assert.ok(await exists('teams/' + team.id))
  await create('users')
  await note(pool, 'passed')
  noteInSqlite('passed')
})
test('comes after it', {}, async () => { await create('orders') })
test('fails', {}, async () => {
  await create('users')
  await note(pool, 'failed')
  assert.equal(1, 2)
})`

const ledger = [
  'comes after it (passed): order removed',
  'fails (failed): notes kept, user kept',
  'passes (passed): notes removed, notes removed, user removed',
  'shared: team removed',
]

const twoFiles = (name: string, mode: Mode): Case => {
  const place = mode.replaceAll(' ', '-')
  return {
    name,
    files: { [`${place}-one`]: everything, [`${place}-two`]: everything },
    alone: { mode },
    expected: {
      ledger: [...ledger, ...ledger],
      left: ['PostgreSQL failed', 'PostgreSQL failed', 'users/N', 'users/N'],
    },
  }
}

export const pools: readonly Case[] = [
  twoFiles('two files in parallel workers', 'two workers'),
  twoFiles('isolation off', 'one process'),
  twoFiles('threads', 'threads'),
  twoFiles('forks', 'processes'),
  twoFiles('vm pools', 'vm pools'),
]
