import { startShop } from '../../examples/shop/src/shop.ts'
import { databases } from '../../examples/shop/test/databases.ts'

export interface Services extends AsyncDisposable {
  /** SHOP_URL and DATABASE_URL: the shop, and its PostgreSQL database. */
  environment: { SHOP_URL: string; DATABASE_URL: string; SHOP_ADMIN_PASSWORD: string }
}

/** Starts the services that snippets may use. */
export async function startServices(): Promise<Services> {
  const postgres = databases.find(({ name }) => name === 'PostgreSQL')
  if (postgres === undefined) throw new Error('the shop has no PostgreSQL to start')
  const database = await postgres.start()
  const adminPassword = 'sweep-the-shop'
  const shop = await startShop({ database: database.location, uploads: database.uploads, port: 0, adminPassword })
  return {
    environment: { SHOP_URL: shop.url, DATABASE_URL: database.location, SHOP_ADMIN_PASSWORD: adminPassword },
    async [Symbol.asyncDispose]() {
      await shop.close()
      await database[Symbol.asyncDispose]()
    },
  }
}
