/** The shop's address, and functions to call it. */
import { resolve } from 'node:path'

const { SHOP_URL, SHOP_DATABASE, SHOP_UPLOADS, SHOP_ADMIN_PASSWORD } = process.env

export const shopUrl = SHOP_URL ?? 'http://127.0.0.1:3000'
export const database = SHOP_DATABASE ?? resolve(import.meta.dirname, '../shop/shop.db')
export const uploads = SHOP_UPLOADS ?? resolve(import.meta.dirname, '../shop/uploads')
export const onPostgres = /^postgres(ql)?:/.test(database)

/** Logs in, and returns the headers that authenticate requests. */
export async function logIn(email: string, password: string) {
  const response = await fetch(`${shopUrl}/login`, { method: 'POST', body: JSON.stringify({ email, password }) })
  const { token } = (await response.json()) as { token: string }
  return { authorization: `Bearer ${token}` }
}

export const logInAsAdmin = () => logIn('admin@shop.example', SHOP_ADMIN_PASSWORD ?? 'sweep-the-shop')

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
