/** The shop's address, and functions to call it. */
const { resolve } = require('node:path')

const { SHOP_URL, SHOP_DATABASE, SHOP_UPLOADS, SHOP_ADMIN_PASSWORD } = process.env

const shopUrl = SHOP_URL ?? 'http://127.0.0.1:3000'
const database = SHOP_DATABASE ?? resolve(__dirname, '../shop/shop.db')
const uploads = SHOP_UPLOADS ?? resolve(__dirname, '../shop/uploads')
const onPostgres = /^postgres(ql)?:/.test(database)

/** Logs in, and returns the headers that authenticate requests. */
async function logIn(email, password) {
  const response = await fetch(`${shopUrl}/login`, { method: 'POST', body: JSON.stringify({ email, password }) })
  const { token } = await response.json()
  return { authorization: `Bearer ${token}` }
}

const logInAsAdmin = () => logIn('admin@shop.example', SHOP_ADMIN_PASSWORD ?? 'sweep-the-shop')

/** Sends a request to the shop: `ask('POST /products', { name: 'Mop' }, headers)`. */
async function ask(request, body, headers = {}) {
  const [method, path] = request.split(' ')
  const response = await fetch(shopUrl + path, { method, headers, body: body && JSON.stringify(body) })
  const text = await response.text()
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) }
}

module.exports = { ask, database, logIn, logInAsAdmin, onPostgres, shopUrl, uploads }
