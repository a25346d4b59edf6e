import type { Database, Queries, Row } from '../database/database.ts'
import { find, insert, list, update, type Values } from '../database/table.ts'
import { orderItems, orders, payments, products } from '../database/tables.ts'
import { readFields } from '../http/fields.ts'
import { HttpError } from '../http/http-error.ts'
import { type Route, route } from '../http/route.ts'
import { type Collection, created, deleteRoute, owned, readRoutes, seen } from './collection.ts'

const path = '/orders'
const fields = { user_id: 'integer' } as const
const collection: Collection = { path, table: orders, fields, read: 'customer', write: 'admin', owner: 'user_id' }

/** The parts of an order: created with it, readable and removable separately. */
const parts: readonly Collection[] = [
  { path: '/order-items', table: orderItems, fields: { order_id: 'integer' }, read: 'admin', write: 'admin' },
  { path: '/payments', table: payments, fields: { order_id: 'integer' }, read: 'admin', write: 'admin' },
]

const steps = ['pending', 'confirmed', 'shipped', 'delivered']

export function orderRoutes(db: Database): Route[] {
  return [
    ...[collection, ...parts].flatMap((each) => [...readRoutes(db, each), deleteRoute(db, each)]),
    route('GET /orders/:id/items', 'customer', async (call) => {
      const { id } = await seen(db, orders, call, 'user_id')
      return { status: 200, body: await list(db, orderItems, { order_id: Number(id) }) }
    }),
    route('POST /orders', 'customer', async (call) => {
      const body = await call.json()
      const owner = { user_id: call.user?.id, ...body, ...owned(call, 'user_id') }
      const lines = readLines(body.items)
      const { order, items } = await db.transaction((tx) => placeOrder(tx, readFields(owner, fields), lines))
      return created(path, { ...order, items })
    }),
    route('PATCH /orders/:id', 'admin', async (call) => {
      const order = await seen(db, orders, call)
      const { status = '' } = readFields(await call.json(), { status: 'text' })
      return { status: 200, body: await moveOn(db, order, String(status)) }
    }),
  ]
}

export interface Line {
  readonly product_id: number
  readonly quantity: number
}

/** Creates an order and its items, at current prices. */
export async function placeOrder(tx: Queries, owner: Values, lines: readonly Line[]) {
  const order = await insert(tx, orders, owner)
  const items: Row[] = []
  for (const { product_id, quantity } of lines) {
    const product = await find(tx, products, { id: product_id })
    if (product === undefined) throw new HttpError(409, `There is no product ${product_id}`)
    const price_cents = Number(product.price_cents)
    items.push(await insert(tx, orderItems, { order_id: Number(order.id), product_id, quantity, price_cents }))
  }
  return { order, items }
}

function readLines(items: unknown): Line[] {
  if (!Array.isArray(items) || items.length === 0) throw new HttpError(400, 'items: expected at least one')
  return items.map(
    (item) => readFields(Object(item), { product_id: 'integer', quantity: 'integer' }) as unknown as Line,
  )
}

async function moveOn(db: Database, order: Row, status: string): Promise<Row | undefined> {
  const next = steps[steps.indexOf(String(order.status)) + 1]
  if (status !== next) throw new HttpError(409, `A ${order.status} order can only become ${next ?? 'nothing else'}`)
  return update(db, orders, Number(order.id), { status })
}
