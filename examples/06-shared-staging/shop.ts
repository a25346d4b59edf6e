/** The address of staging, and functions to call it. */
import { resolve } from 'node:path'
import { scope } from '@dustpan/core'

const { SHOP_URL, SHOP_DATABASE, SHOP_ADMIN_PASSWORD, SHOP_INTERNAL_KEY } = process.env

export const shopUrl = SHOP_URL ?? 'http://127.0.0.1:3000'
export const database = SHOP_DATABASE ?? resolve(import.meta.dirname, 'staging.db')
export const onPostgres = /^postgres(ql)?:/.test(database)

/** Distinguishes our data from that of other testers: names begin with `test-` and this tag. */
export const tag = 'sweep'
export const named = (what: string) => scope().unique(`test-${tag}-${what}`)

/** Logs in, and returns the headers that authenticate requests. */
export async function logIn(email: string, password: string) {
  const response = await fetch(`${shopUrl}/login`, { method: 'POST', body: JSON.stringify({ email, password }) })
  const { token } = (await response.json()) as { token: string }
  return { authorization: `Bearer ${token}` }
}

export const logInAsAdmin = () => logIn('admin@shop.example', SHOP_ADMIN_PASSWORD ?? 'sweep-the-shop')

/** Creates a customer with the shop's endpoint for test data. */
export async function newCustomer() {
  const carl = { email: `${named('carl')}@example.com`, name: named('carl'), password: 'a secret' }
  const headers = { 'x-internal-key': SHOP_INTERNAL_KEY ?? '', 'content-type': 'application/json' }
  const { body } = await ask('POST /api/test/users', carl, headers)
  return { id: Number(body.id), headers: await logIn(carl.email, carl.password) }
}

/** Sends a request to the shop: `ask('POST /products', { name: 'Mop' }, headers)`. */
export async function ask(request: `${string} /${string}`, body?: unknown, headers: Record<string, string> = {}) {
  const [method = '', path = ''] = request.split(' ')
  const response = await fetch(shopUrl + path, {
    method,
    headers,
    body: body === undefined ? null : JSON.stringify(body),
  })
  const text = await response.text()
  // biome-ignore lint/suspicious/noExplicitAny: any response of the shop; each test expects its own.
  return { status: response.status, body: (text === '' ? undefined : JSON.parse(text)) as any }
}
