/** Predicates that a request cannot express, and protected or unknown types. */
import { planRemoval } from '@dustpan/core/ledger'
import { expect, onTestFinished, test } from 'vitest'
import { everything, settingsFor, without } from '../../src/by-predicate/index.ts'
import { startShop } from './shop.ts'

async function planned(what: Parameters<typeof planRemoval>[1], config: object = {}, options?: object) {
  const shop = await startShop(options)
  const settings = await settingsFor({ drivers: [shop.driver()], ...config }, 'test')
  onTestFinished(async () => {
    await shop[Symbol.asyncDispose]()
    await settings[Symbol.asyncDispose]()
  })
  return { shop, plan: () => planRemoval(settings, what) }
}

const byName = { byPredicate: { items: { where: 'DELETE /items?name={where.name}' } } }

test.for([
  [{ where: { name: '' } }, byName],
  [
    { where: { name: null }, tag: 'x' },
    { byPredicate: { items: { where: 'DELETE /items?name={where.name}&tag={tag}' } } },
  ],
  [{ where: { name: { a: 1 } } }, byName],
  [{ owner: '..' }, { byPredicate: { items: { owner: 'DELETE /owners/{owner}/items' } } }],
  [{ run: '.' }, { byPredicate: { items: { run: 'DELETE /runs/{run}' } } }],
] as const)('%j is not sent, because the request would mean something else', async ([what, options]) => {
  const { shop, plan } = await planned({ ...what, types: 'items' } as never, {}, options)
  const error = await plan().then(
    async (removal) => (await removal.carryOut({ agreed: true })).left[0],
    (thrown) => thrown,
  )
  expect(error.code).toMatch(/DUSTPAN_(CONFIG_INVALID|INVALID_ARGUMENT)/)
  expect(shop.requests).toEqual([])
})

test('a protected type is excluded from a request that would remove it too', async () => {
  const { shop, plan } = await planned({ owner: 1 }, { protect: { types: ['OTPs'] } })
  await using removal = await plan()
  await removal.carryOut({ agreed: true })
  expect(await shop.left()).toEqual(without({ items: [1, 2, 5], logs: [1, 2] }))
})

test('DUSTPAN_INVALID_ARGUMENT for an unknown type in except, and nothing is removed', async () => {
  const { shop, plan } = await planned({ owner: 1, except: ['opts'] })
  await expect(plan()).rejects.toMatchObject({ code: 'DUSTPAN_INVALID_ARGUMENT' })
  expect(await shop.left()).toEqual(everything)
})
