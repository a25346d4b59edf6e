import type { Database } from '../database/database.ts'
import { find, insert, list, remove } from '../database/table.ts'
import { cartItems, carts } from '../database/tables.ts'
import { readFields, readId } from '../http/fields.ts'
import { notFound } from '../http/http-error.ts'
import { type Call, type Route, route } from '../http/route.ts'
import { type Collection, created, createRoute, deleteRoute, readRoutes, seen } from './collection.ts'

const collection: Collection = {
  path: '/carts',
  table: carts,
  fields: { user_id: 'integer' },
  read: 'customer',
  write: 'customer',
  owner: 'user_id',
}

export function cartRoutes(db: Database): Route[] {
  const cartOf = async (call: Call) => Number((await seen(db, carts, call, 'user_id')).id)
  return [
    ...readRoutes(db, collection),
    createRoute(db, collection),
    deleteRoute(db, collection),
    route('GET /carts/:id/items', 'customer', async (call) => {
      const cart_id = await cartOf(call)
      return { status: 200, body: await list(db, cartItems, { cart_id }) }
    }),
    route('POST /carts/:id/items', 'customer', async (call) => {
      const cart_id = await cartOf(call)
      const item = readFields(await call.json(), { product_id: 'integer', quantity: 'integer' })
      return created(`/carts/${cart_id}/items`, await insert(db, cartItems, { ...item, cart_id }))
    }),
    route('DELETE /carts/:id/items/:item', 'customer', async (call) => {
      const cart_id = await cartOf(call)
      const item = await find(db, cartItems, { id: readId(call.params.item), cart_id })
      if (item === undefined || !(await remove(db, cartItems, Number(item.id)))) throw notFound()
      return { status: 204 }
    }),
  ]
}
