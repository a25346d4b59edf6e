import type { Database, Queries, Row } from '../database/database.ts'
import { find, insert, list } from '../database/table.ts'
import { cartItems, carts, payments } from '../database/tables.ts'
import { readFields } from '../http/fields.ts'
import { HttpError } from '../http/http-error.ts'
import { type Route, route } from '../http/route.ts'
import { owned } from './collection.ts'
import { type Line, placeOrder } from './orders.ts'

/** Turns a cart into an order, its items and a payment, and empties it, in one transaction. */
export function checkoutRoute(db: Database): Route {
  return route('POST /checkout', 'customer', async (call) => {
    const { cart_id: id = 0 } = readFields(await call.json(), { cart_id: 'integer' })
    const cart = await find(db, carts, { id, ...owned(call, 'user_id') })
    if (cart === undefined) throw new HttpError(409, `There is no cart ${id}`)
    return { status: 201, body: await db.transaction((tx) => checkOut(tx, cart)) }
  })
}

async function checkOut(tx: Queries, cart: Row) {
  const cart_id = Number(cart.id)
  const lines = (await list(tx, cartItems, { cart_id })) as unknown as Line[]
  if (lines.length === 0) throw new HttpError(409, 'The cart is empty')
  const { order, items } = await placeOrder(tx, { user_id: Number(cart.user_id) }, lines)
  const amount_cents = items.reduce((sum, item) => sum + Number(item.price_cents) * Number(item.quantity), 0)
  const payment = await insert(tx, payments, { order_id: Number(order.id), amount_cents })
  await tx.query('DELETE FROM cart_items WHERE cart_id = ?', [cart_id])
  return {
    entities: {
      order: [{ id: order.id }],
      'order-item': items.map(({ id }) => ({ id })),
      payment: [{ id: payment.id }],
    },
  }
}
