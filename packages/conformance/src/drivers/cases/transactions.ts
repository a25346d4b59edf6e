/** Cases: resources created in a transaction count once it is committed, and not before. */
import assert from 'node:assert/strict'
import type { DriverCase } from '../case.ts'
import type { OpenTransaction } from '../subject.ts'
import type { World } from '../world.ts'

export const transactions: readonly DriverCase[] = [
  {
    name: 'rollback',
    contract: 'resources that are rolled back do not count as created',
    async run({ begin, place, before, need }) {
      const { test, client, states } = await begin()
      const open = need(client.begin, 'begin()')
      await test(async () => {
        const transaction = await open()
        await transaction.create(2)
        await transaction.rollback()
        await client.create(1)
      })
      const { gone: _, ...others } = states()
      assert.deepEqual(others, { removed: 1 })
      assert.deepEqual(await place.list(), before)
    },
  },
  {
    name: 'savepoint',
    contract: 'resources that are rolled back to it do not count as created, the others do',
    async run({ begin, place, before, need }) {
      const { test, client, states } = await begin()
      const open = need(client.begin, 'begin()')
      await test(async () => {
        const transaction = await open()
        await transaction.create(1)
        const rollback = await need(transaction.savepoint, 'savepoint()')()
        await transaction.create(2)
        await rollback()
        await transaction.create(1)
        await transaction.commit()
      })
      const { gone: _, ...others } = states()
      assert.deepEqual(others, { removed: 2 })
      assert.deepEqual(await place.list(), before)
    },
  },
  {
    name: 'open transaction, committed later',
    contract: 'its resources are removed once they are committed',
    run: (world) => openAtTheEnd(world, async (transaction) => transaction.commit(), { removed: 3 }),
  },
  {
    name: 'open transaction, rolled back later',
    contract: 'its resources do not count as created',
    run: (world) => openAtTheEnd(world, async (transaction) => transaction.rollback(), { gone: 2, removed: 1 }),
  },
]

async function openAtTheEnd(
  { begin, place, before, need, keep }: World,
  settle: (transaction: OpenTransaction) => Promise<void>,
  expected: object,
): Promise<void> {
  const { openTest, states, end } = await begin()
  const client = keep(await place.client({ pool: 2 }))
  const open = need(client.begin, 'begin()')
  const scope = openTest('open')
  const transaction = await scope.run(async () => {
    await client.create(1)
    const opened = await open()
    await opened.create(2)
    return opened
  })
  await scope.close('passed', { willRetry: false })
  // Where an open transaction locks the whole store, all removals wait.
  const { live = 0, pending = 0, removed = 0 } = states()
  assert.deepEqual([live + pending >= 2, live + pending + removed], [true, 3], JSON.stringify(states()))
  await settle(transaction)
  await end()
  assert.deepEqual(states(), expected)
  assert.deepEqual(await place.list(), before)
}
