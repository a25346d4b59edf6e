import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { testDataEndpoints } from '@dustpan/app-endpoints'
import { testContext } from '@dustpan/app-endpoints/context'
import { createTokens } from './accounts/tokens.ts'
import { type Database, openDatabase } from './database/database.ts'
import { seed } from './database/seed.ts'
import { find } from './database/table.ts'
import { users } from './database/tables.ts'
import type { User } from './http/route.ts'
import { shopListener } from './http/server.ts'
import { bulkDeletionRoutes } from './routes/bulk-deletions.ts'
import { cartRoutes } from './routes/carts.ts'
import { catalogueRoutes } from './routes/catalogue.ts'
import { checkoutRoute } from './routes/checkout.ts'
import { loginRoute } from './routes/login.ts'
import { orderRoutes } from './routes/orders.ts'
import { pageRoute } from './routes/page.ts'
import { testDataStore } from './routes/test-data.ts'
import { uploadRoutes } from './routes/uploads.ts'
import { userRoutes } from './routes/users.ts'

export interface ShopOptions {
  /** An SQLite file, or a `postgres://` URL. */
  readonly database: string
  /** The folder for pictures, created if it is missing. */
  readonly uploads: string
  /** 0 selects a free port. */
  readonly port: number
  /** The password of `admin@shop.example`, set when the shop is opened for the first time. */
  readonly adminPassword: string
  /** Lets tests create and remove data under `/api/test`, and marks what they do in the database. */
  readonly testData?: { readonly key: string }
}

export interface StartedShop {
  readonly url: string
  /** Finishes open requests, then closes server and database. */
  close(): Promise<void>
}

export async function startShop({
  database,
  uploads,
  port,
  adminPassword,
  testData,
}: ShopOptions): Promise<StartedShop> {
  const context = testContext(testData ? { enabled: true } : {})
  const db = await openDatabase(database, context.propagateTo)
  const tokens = createTokens()
  const routes = [
    pageRoute(),
    loginRoute(db, tokens),
    ...userRoutes(db),
    ...catalogueRoutes(db),
    ...cartRoutes(db),
    ...orderRoutes(db),
    checkoutRoute(db),
    ...uploadRoutes(db, uploads),
    ...bulkDeletionRoutes(db),
  ]
  await seed(db, uploads, adminPassword)
  const shop = shopListener(routes, async (token) => userOf(db, tokens.userOf(token)))
  const listener = testData ? withTestData(shop, db, testData.key) : shop
  const server = createServer((request, response) => context.node(request, response, () => listener(request, response)))
  await listen(server, port)
  const { port: taken } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${taken}`, close: () => close(server, db) }
}

function withTestData(shop: RequestListener, db: Database, key: string): RequestListener {
  const { node } = testDataEndpoints({ store: testDataStore(db), enabled: true, key })
  return (request, response) => node(request, response, () => shop(request, response))
}

async function userOf(db: Database, id: number | undefined): Promise<User | undefined> {
  if (id === undefined) return undefined
  return (await find(db, users, { id })) as User | undefined
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve))
}

async function close(server: Server, db: Database): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve))
  await closed
  await db.close()
}
