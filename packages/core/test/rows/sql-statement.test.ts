import { expect, test } from 'vitest'
import type { Json } from '../../src/resource/resource.ts'
import { locked } from '../../src/rows/row-outcomes.ts'
import { removeByStatement, shortened } from '../../src/rows/sql-statement.ts'
import { rows } from './rows.ts'

const textOf = (value: Json) => (value === null ? null : String(value))
const failed = () => locked

async function run(params: readonly Json[], key: Json, count: number) {
  const [target] = rows('a')
  if (!target) throw new Error('a row')
  const args = { sql: 'DELETE', params }
  const given: Json[] = []
  const outcome = await removeByStatement(
    { ...target, key, removal: { ...target.removal, op: 'sql', args } },
    {
      run: async (_, values) => {
        given.push(...values)
        return count
      },
      ...{ textOf, failed },
    },
  )
  return { given, outcome }
}

test('{id} in parameters is replaced by the key, alone and inside a string', async () => {
  const { given } = await run(['{id}', 'user:{id}/{id}', 'plain', 3, null], 7, 1)
  expect(given).toEqual([7, 'user:7/7', 'plain', 3, null])
})

test('a key with a dollar sign is inserted literally', async () => {
  expect((await run(['x{id}'], '$&', 1)).given).toEqual(['x$&'])
})

test.each([
  [0, { state: 'already-gone', result: '0 rows' }],
  [1, { state: 'removed', result: '1 row' }],
  [2, { state: 'removed', result: '2 rows' }],
])('a statement that affects %d rows is reported as such', async (count, outcome) => {
  expect((await run([], 7, count)).outcome).toEqual(outcome)
})

test('a failed statement yields the driver’s outcome, with a shortened statement', async () => {
  const [target] = rows('a')
  const removal = { driver: 'main', op: 'sql', v: 1, args: { sql: `DELETE\n  FROM ${'x'.repeat(90)}` } }
  const seen: string[] = []
  const outcome =
    target &&
    (await removeByStatement(
      { ...target, removal },
      {
        run: () => Promise.reject(new Error('no')),
        textOf,
        failed: (what) => {
          seen.push(what)
          return locked
        },
      },
    ))
  expect(outcome).toBe(locked)
  expect(seen).toEqual([`DELETE FROM ${'x'.repeat(67)}…`])
})

test('a short statement is shown on one line', () => {
  expect(shortened(' DELETE\n FROM users ')).toBe('DELETE FROM users')
})
