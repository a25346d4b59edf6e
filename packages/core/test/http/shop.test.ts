/** Bulk jobs, soft and permanent deletes, and restoring, against the shop of the examples. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type StartedShop, startShop } from '@dustpan-examples/shop'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { DustpanConfig } from '../../src/config/config.ts'
import { http } from '../../src/config/http.ts'
import { openLedgerRun } from '../../src/recovery/ledger-run.ts'
import type { HttpRule } from '../../src/resource/http-options.ts'
import { track } from '../../src/tracking/facade.ts'
import { close, type TestRun, testRun } from '../run.ts'

let shop: StartedShop
let authorization: string
const folder = mkdtempSync(join(tmpdir(), 'dustpan-shop-'))

beforeAll(async () => {
  const database = join(folder, 'shop.db')
  shop = await startShop({ database, uploads: join(folder, 'uploads'), port: await freePort(), adminPassword: 'broom' })
  const { body } = await ask('POST /login', { email: 'admin@shop.example', password: 'broom' })
  authorization = `Bearer ${body.token}`
})

afterAll(async () => {
  await shop.close()
  rmSync(folder, { recursive: true })
})

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}

async function ask(line: string, body?: unknown) {
  const [method = '', path = ''] = line.split(' ')
  const headers = { authorization }
  const answer = await fetch(shop.url + path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) })
  const text = await answer.text()
  // biome-ignore lint/suspicious/noExplicitAny: any JSON; each test expects its own.
  return { status: answer.status, body: (text === '' ? undefined : JSON.parse(text)) as any }
}

const newUser = () => ask('POST /users', { email: `${crypto.randomUUID()}@shop.example`, name: 'Eve', password: 'x' })
const newCategory = () => ask('POST /categories', { name: crypto.randomUUID() })

const statusOf = async (path: string) => (await ask(`GET ${path}`)).status

/** Collects the requests that Dustpan sends to the shop, for example `POST /bulk-deletions`. */
function ownRequests(): string[] {
  const seen: string[] = []
  const note = (message: unknown) => {
    const { request } = message as { request: IncomingMessage }
    if (request.headers['user-agent'] === 'dustpan') seen.push(`${request.method} ${request.url}`)
  }
  subscribe('http.server.request.start', note)
  onTestFinished(() => void unsubscribe('http.server.request.start', note))
  return seen
}

async function shopRun(rules: readonly HttpRule[], config: DustpanConfig = {}): Promise<TestRun> {
  const headers = { authorization }
  const run = await testRun({ ...config, drivers: [http({ origins: [shop.url], headers, rules })] })
  onTestFinished(async () => void (await run.main.end('passed')))
  return run
}

const bulk: HttpRule = {
  create: 'POST /categories',
  remove: {
    ...{ request: 'POST /bulk-deletions', body: { type: 'categories', ids: '{ids}' } },
    ...{ job: 'body.job', poll: 'GET /jobs/{job}', done: 'body.status = completed' },
    ...{ failed: 'body.failed', skipped: 'body.skipped' },
  },
  verify: 'GET /categories/{id}',
}

test('100 categories are removed by two jobs, except 3 that the shop cannot delete', async () => {
  const { openTest, states } = await shopRun([bulk, { create: 'POST /products', ignore: true }])
  const scoped = openTest('t')
  const ids: number[] = []
  await scoped.run(async () => {
    for (let i = 0; i < 100; i++) ids.push((await newCategory()).body.id)
    for (const category_id of ids.slice(10, 13))
      await ask('POST /products', { name: 'Mop', category_id, price_cents: 1 })
  })
  const requests = ownRequests()
  const report = await close(scoped)
  expect(report?.totals).toMatchObject({ tracked: 100, removed: 97, failed: 3 })
  for (const id of ids.slice(10, 13)) expect(states()[`category ${id}`]).toBe('failed')
  expect(await statusOf(`/categories/${ids[0]}`)).toBe(404)
  expect(await statusOf(`/categories/${ids[11]}`)).toBe(200)
  expect(requests.filter((line) => line === 'POST /bulk-deletions').length).toBeLessThanOrEqual(2 + 2)
  expect(requests.length).toBeLessThan(100)
})

test('a category that the test deleted behind Dustpan’s back is skipped by the job and already gone', async () => {
  const { openTest } = await shopRun([bulk])
  const scoped = openTest('t')
  await scoped.run(async () => {
    const { body } = await newCategory()
    await newCategory()
    await new Promise<void>((resolve, reject) => {
      // A raw socket is not captured.
      const { hostname, port } = new URL(shop.url)
      const socket = connect(Number(port), hostname, () => {
        socket.end(
          `DELETE /categories/${body.id} HTTP/1.1\r\nhost: shop\r\nauthorization: ${authorization}\r\nconnection: close\r\n\r\n`,
        )
      })
      socket
        .resume()
        .on('close', () => resolve())
        .on('error', reject)
    })
  })
  expect((await close(scoped))?.totals).toMatchObject({ removed: 1, 'already-gone': 1 })
})

const soft: HttpRule = {
  create: 'POST /users',
  permanent: 'DELETE /users/{id}?permanent=true',
  restore: 'PATCH /users/{id}/activate',
  verify: 'GET /deleted-users/{id}',
  gone: 'body.deleted_at',
}

test.each(['soft', 'hard'] as const)('a user is removed and verified with deletion: %s', async (deletion) => {
  const { openTest } = await shopRun([soft], { profiles: { local: { deletion } } })
  const scoped = openTest('t')
  const { body } = await scoped.run(newUser)
  const requests = ownRequests()
  expect((await close(scoped))?.totals).toMatchObject({ removed: 1 })
  expect(await statusOf(`/users/${body.id}`)).toBe(404)
  expect(await statusOf(`/deleted-users/${body.id}`)).toBe(deletion === 'soft' ? 200 : 404)
  expect(requests).toEqual([
    `DELETE /users/${body.id}${deletion === 'soft' ? '' : '?permanent=true'}`,
    `GET /deleted-users/${body.id}`,
  ])
})

test.each(['soft', 'hard'] as const)(
  'a user that the test soft-deleted is removed for good only if configured, with deletion: %s',
  async (deletion) => {
    const { openTest } = await shopRun([soft], { profiles: { local: { deletion } } })
    const scoped = openTest('t')
    const { body } = await scoped.run(async () => {
      const user = await newUser()
      await ask(`DELETE /users/${user.body.id}`)
      return user
    })
    const requests = ownRequests()
    await close(scoped)
    expect(await statusOf(`/deleted-users/${body.id}`)).toBe(deletion === 'soft' ? 200 : 404)
    expect(requests.includes(`DELETE /users/${body.id}?permanent=true`)).toBe(deletion === 'hard')
  },
)

test('a permanent delete is refused with deletion: soft, and other resources are removed', async () => {
  const rules: HttpRule[] = [{ create: 'POST /users', remove: 'DELETE /users/{id}?permanent=true', permanent: true }]
  const { openTest, states } = await shopRun(rules, { environment: 'staging' })
  const scoped = openTest('t')
  const [user, category] = await scoped.run(async () => [await newUser(), await newCategory()])
  const report = await close(scoped)
  expect(states()).toEqual({ [`user ${user.body.id}`]: 'refused', [`category ${category.body.id}`]: 'removed' })
  expect(report?.scopes[0]?.resources.find(({ type }) => type === 'user')?.error).toMatchObject({
    code: 'DUSTPAN_PROFILE_REFUSED',
    message: expect.stringContaining("the profile of staging has deletion: 'soft'"),
  })
  expect(await statusOf(`/users/${user.body.id}`)).toBe(200)
})

test('a soft-deleted user is restored from its record', async () => {
  const { openTest, session, main } = await shopRun([soft], { profiles: { local: { deletion: 'soft' } } })
  const scoped = openTest('t')
  const [first, second] = await scoped.run(async () => [await newUser(), await newUser()])
  await close(scoped)
  const run = await openLedgerRun(session.settings, main.ticket, 'cli')
  const recorded = [...(run?.folded().resources.values() ?? [])]
  const restored = await run?.restore(recorded.filter(({ key }) => key === first.body.id))
  await run?.[Symbol.asyncDispose]()
  expect([...(restored?.values() ?? [])]).toEqual([{ state: 'restored', result: '200 OK' }])
  expect(await statusOf(`/users/${first.body.id}`)).toBe(200)
  expect(await statusOf(`/users/${second.body.id}`)).toBe(404)
})

test('each resource of a batch and of a response with several types has its own record and removal', async () => {
  const { openTest, states } = await shopRun([{ create: 'POST /checkout', entities: 'body.entities' }])
  const scoped = openTest('t')
  const products = (await ask('GET /products')).body
  await scoped.run(async () => {
    const { body: cart } = await ask('POST /carts', {})
    await ask(`POST /carts/${cart.id}/items`, { product_id: products[0].id, quantity: 2 })
    await ask('POST /checkout', { cart_id: cart.id })
  })
  const names = (await Promise.all([newCategory(), newCategory()])).map(({ body }) => body.id)
  scoped.run(() => track({ type: 'group', ids: names, remove: 'DELETE /categories/{each.id}' }))
  const requests = ownRequests()
  await close(scoped)
  const removed = Object.entries(states()).filter(([, state]) => state === 'removed')
  expect(removed.map(([name]) => name.split(' ')[0]).sort()).toEqual([
    ...['cart', 'group', 'group', 'order', 'order-item', 'payment'],
  ])
  for (const id of names) expect(requests).toContain(`DELETE /categories/${id}`)
  for (const type of ['orders', 'order-items', 'payments'])
    expect(requests.filter((line) => line.startsWith(`DELETE /${type}/`))).toHaveLength(1)
})
