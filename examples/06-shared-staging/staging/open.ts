/** `npm run staging`: opens the shop as a staging system, with other people in it. Ctrl-C closes it. */
import { resolve } from 'node:path'
import { startShop } from '@dustpan-examples/shop'
import { database, shopUrl } from '../shop.ts'
import { letPeopleIn } from './people.ts'

const { SHOP_UPLOADS, SHOP_ADMIN_PASSWORD, SHOP_INTERNAL_KEY = '' } = process.env
process.env.DUSTPAN_ENVIRONMENT ??= 'staging'

const shop = await startShop({
  database,
  uploads: SHOP_UPLOADS ?? resolve(import.meta.dirname, '../uploads'),
  port: Number(new URL(shopUrl).port),
  adminPassword: SHOP_ADMIN_PASSWORD ?? 'sweep-the-shop',
  testData: { key: SHOP_INTERNAL_KEY },
})
await letPeopleIn()
console.log(`Staging is open at ${shop.url}`)

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void shop.close())
