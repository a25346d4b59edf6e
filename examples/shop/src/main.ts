import { env } from 'node:process'
import { startShop } from './shop.ts'

const shop = await startShop({
  database: env.SHOP_DATABASE ?? 'shop.db',
  uploads: env.SHOP_UPLOADS ?? 'uploads',
  port: Number(env.PORT ?? 3000),
  adminPassword: env.SHOP_ADMIN_PASSWORD ?? 'sweep-the-shop',
  ...(env.SHOP_TEST_DATA === '1' ? { testData: { key: env.SHOP_INTERNAL_KEY ?? '' } } : {}),
})
console.log(`The shop is open at ${shop.url}`)

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void shop.close())
}
