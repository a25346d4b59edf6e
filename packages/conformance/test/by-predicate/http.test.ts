/** Removal by predicate through endpoints of the application. */
import { planRemoval } from '@dustpan/core/ledger'
import { expect, onTestFinished, test } from 'vitest'
import { everything, settingsFor, without } from '../../src/by-predicate/index.ts'
import { endpoints, startShop } from './shop.ts'

async function planned(
  what: Parameters<typeof planRemoval>[1],
  config: object = {},
  environment = 'test',
  options?: object,
) {
  const shop = await startShop(options)
  const settings = await settingsFor({ drivers: [shop.driver()], ...config }, environment)
  onTestFinished(async () => {
    await shop[Symbol.asyncDispose]()
    await settings[Symbol.asyncDispose]()
  })
  return { shop, settings, plan: () => planRemoval(settings, what) }
}

test('data of an owner is removed except excluded types, and the owner and data of others stay', async () => {
  const { shop, plan } = await planned({ owner: 1, except: ['otps'] })
  await using removal = await plan()
  expect(removal.plan.stores[0]?.kinds).toMatchObject([{ type: 'data', count: 7 }])
  const outcome = await removal.carryOut({ agreed: true })
  expect(outcome).toEqual({
    deleted: { items: 3, logs: 2 },
    deletedCount: 5,
    method: 'hard',
    preserved: { user: true },
    left: [],
  })
  expect(await shop.left()).toEqual(without({ items: [1, 2, 5], logs: [1, 2] }))
  expect(shop.requests.at(-1)).toBe('DELETE /internal/users/1/data?x=1&include_otp=false')
})

test('DUSTPAN_UNKNOWN_OWNER when the service answers 404, and no other request is sent', async () => {
  const { shop, plan } = await planned({ owner: 'nobody' })
  await expect(plan()).rejects.toMatchObject({ code: 'DUSTPAN_UNKNOWN_OWNER' })
  expect(shop.requests).toEqual(['GET /internal/users/nobody/data'])
})

test.for([
  ['hard', []],
  ['soft', [1, 3]],
] as const)('removal by tag with deletion %s reports the count and the method', async ([deletion, marked]) => {
  const { shop, plan } = await planned({ tag: 'test-data', deletion })
  await using removal = await plan()
  expect(removal.plan.total).toBe(2)
  expect(await removal.carryOut({ agreed: false })).toMatchObject({
    deleted: { items: 2 },
    deletedCount: 2,
    method: deletion,
  })
  expect(shop.marked()).toEqual(marked)
  expect(shop.requests.at(-1)).toBe(
    `POST /internal/cleanup-test-data {"tags":["test-data"],"hard_delete":${deletion === 'hard'}}`,
  )
})

test('a request that cannot express every part of the predicate is not sent', async () => {
  const { shop, plan } = await planned({ tag: 'test-data', olderThan: '7d', types: 'items' })
  await using removal = await plan()
  expect(removal.plan.stores[0]?.kinds).toMatchObject([{ type: 'items', error: { code: 'DUSTPAN_CONFIG_INVALID' } }])
  await removal.carryOut({ agreed: true })
  expect(shop.requests).toEqual([])
})

test('an unknown number of matches is removed only with agreement', async () => {
  const options = { byPredicate: { items: { tag: 'DELETE /items?tag={tag}' } } }
  const { shop, plan } = await planned({ tag: 'test-data' }, {}, 'test', options)
  await using removal = await plan()
  expect(removal.plan.total).toBe('unknown')
  await expect(removal.carryOut({ agreed: false })).rejects.toMatchObject({ code: 'DUSTPAN_PREDICATE_REFUSED' })
  expect(await shop.left()).toEqual(everything)
  expect(await removal.carryOut({ agreed: true })).toMatchObject({ deleted: { items: 'unknown' } })
  expect(await shop.left()).toEqual(without({ items: [1, 3] }))
})

test('a reset reports the count of each type', async () => {
  const { plan } = await planned({ reset: true })
  await using removal = await plan()
  expect(removal.plan.total).toBe(9)
  expect(await removal.carryOut({ agreed: false })).toMatchObject({ deleted: { items: 6, otps: 3 } })
})

test('nothing is removed when the count has changed since the plan', async () => {
  const { shop, plan } = await planned({ tag: 'test-data' })
  await using removal = await plan()
  const [store] = removal.plan.stores
  Object.assign(removal.plan, { stores: [{ ...store, kinds: store?.kinds.map((kind) => ({ ...kind, count: 1 })) }] })
  const outcome = await removal.carryOut({ agreed: true })
  expect(outcome.left).toMatchObject([{ type: 'items', code: 'DUSTPAN_PREDICATE_REFUSED' }])
  expect(await shop.left()).toEqual(everything)
})

test.for([
  [{ items: { tag: 'DELETE /items' } }, 'byPredicate.items.tag'],
  [{ items: { colour: 'DELETE /items?colour={tag}' } }, 'byPredicate.items.colour'],
  [{ items: { tag: { url: '/items?tag={tag}', list: 'GET /items' } } }, 'byPredicate.items.tag.list'],
  [{ items: { tag: { ...endpoints.items.tag, deleted: 'deleted' } } }, 'byPredicate.items.tag.deleted'],
] as const)('the configuration %j is refused', async ([byPredicate, path]) => {
  const { plan } = await planned({ tag: 'test-data' }, {}, 'test', { byPredicate })
  await expect(plan()).rejects.toMatchObject({ code: 'DUSTPAN_CONFIG_INVALID', message: expect.stringContaining(path) })
})

test('in staging a removal needs agreement and only marks', async () => {
  const { shop, settings } = await planned({ tag: 'test-data' }, {}, 'staging')
  await using removal = await planRemoval(settings, { tag: 'test-data' })
  await expect(removal.carryOut({ agreed: false })).rejects.toMatchObject({ code: 'DUSTPAN_PREDICATE_REFUSED' })
  expect(await removal.carryOut({ agreed: true })).toMatchObject({ method: 'soft', deletedCount: 2 })
  expect(shop.marked()).toEqual([1, 3])
})
