import { expect, test } from 'vitest'
import { removeInOrder } from '../../src/rows/removal-order.ts'
import { each, removed } from '../../src/rows/row-outcomes.ts'
import { rows, summaries } from './rows.ts'

/** A batch of one row in a table that other tables refer to. */
const batch = (table: string, by: readonly string[] = [], set?: object) => ({
  shape: { schema: 'public', table, referencedBy: by.map((name) => ({ schema: 'public', table: name })) },
  targets: rows(table),
  set,
})
type Batch = ReturnType<typeof batch>

async function order(batches: readonly Batch[], together: boolean) {
  const calls: unknown[] = []
  const names = (some: readonly Batch[]) => some.map(({ shape }) => shape.table)
  const outcomes = await removeInOrder(batches, ({ shape }) => shape, {
    together: async (some) => {
      calls.push(['together', ...names(some)])
      return together
    },
    cycle: async (some) => {
      calls.push(['cycle', ...names(some)])
      return each(
        some.flatMap(({ targets }) => targets),
        removed,
      )
    },
    one: async (one) => {
      calls.push(...names([one]))
      return each(one.targets, removed)
    },
  })
  expect(summaries(outcomes)).toEqual(Object.fromEntries(names(batches).map((name) => [name, '1 row'])))
  return calls
}

const shop = [batch('teams', ['users']), batch('users', ['orders']), batch('orders')]

test('tables are removed together, children first', async () => {
  expect(await order(shop, true)).toEqual([['together', 'orders', 'users', 'teams']])
})

test('tables that cannot be removed together are removed one by one in the same order', async () => {
  expect(await order(shop, false)).toEqual([['together', 'orders', 'users', 'teams'], 'orders', 'users', 'teams'])
})

test('tables that refer to each other are removed as a cycle, and none together with it', async () => {
  const circle = [batch('teams', ['users']), batch('users', ['teams', 'orders']), batch('orders')]
  const [first, cycle] = await order(circle, true)
  expect(first).toBe('orders')
  expect(cycle).toEqual(['cycle', expect.any(String), expect.any(String)])
})

test('soft-deleted tables have no order', async () => {
  const marked = [batch('teams', ['users'], { deleted_at: 'now' }), batch('users', ['teams'], { deleted_at: 'now' })]
  expect(await order(marked, true)).toEqual([['together', expect.any(String), expect.any(String)]])
})
