/** The other people on staging: customers, two testers with their own test data; and our own account, which stays. */
import { ask, logIn, logInAsAdmin, tag } from '../shop.ts'

export const account = {
  email: `test-account-${tag}@shop.example`,
  name: `test-account-${tag}`,
  password: 'sweep sweep',
}

const customers = ['Hedy', 'Joan', 'Katherine']
const testers = ['ana', 'ben']

/** Creates them over HTTP, as they would. Does nothing when they exist already. */
export async function letPeopleIn(): Promise<void> {
  const admin = await logInAsAdmin()
  const { body: users } = await ask('GET /users', undefined, admin)
  if (users.some(({ email }: { email: string }) => email === account.email)) return
  await ask('POST /users', account)
  for (const name of customers) await buy(await register(name), 1)
  for (const tester of testers) {
    const product = await ask('POST /products', { name: `test-${tester}-mop`, category_id: 1, price_cents: 500 }, admin)
    await buy(await register(`test-${tester}-carl`), product.body.id)
    const gone = await register(`test-${tester}-gone`)
    await ask(`DELETE /users/${gone.id}`, undefined, gone.headers)
  }
}

async function register(name: string) {
  const person = { email: `${name.toLowerCase()}@shop.example`, name, password: 'a secret' }
  const { body } = await ask('POST /users', person)
  return { id: Number(body.id), headers: await logIn(person.email, person.password) }
}

/** Creates an order with a payment, and a cart that is not empty yet. */
export async function buy({ headers }: { headers: Record<string, string> }, product_id: number): Promise<void> {
  const cart = await ask('POST /carts', {}, headers)
  const fill = () => ask(`POST /carts/${cart.body.id}/items`, { product_id, quantity: 2 }, headers)
  await fill()
  await ask('POST /checkout', { cart_id: cart.body.id }, headers)
  await fill()
}

if (import.meta.main) await letPeopleIn()
