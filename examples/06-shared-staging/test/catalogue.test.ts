// Sixty products, removed by three jobs of the shop instead of sixty requests.
import { expect, test } from 'vitest'
import { ask, logInAsAdmin, named } from '../shop.ts'

test('a price list can be imported', async () => {
  const admin = await logInAsAdmin()
  const names = Array.from({ length: 60 }, (_, i) => named(`mop-${i}`))
  for (const name of names) await ask('POST /products', { name, category_id: 1, price_cents: 700 }, admin)
  const { body } = await ask('GET /products?category_id=1')
  expect(body.map(({ name }: { name: string }) => name)).toEqual(expect.arrayContaining(names))
})
