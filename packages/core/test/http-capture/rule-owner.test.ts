/** A rule says how a thing is removed, and not that any tenant's may be: what its removal says of the owner is what the request said. */
import { request } from 'node:http'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startHttpCapture } from '../../src/http-capture/capture.ts'
import type { HttpOptions, HttpRule } from '../../src/resource/http-options.ts'
import { json, startApi } from '../http/api.ts'
import { connectTo, removalContext, targets } from '../http-removal/driver-calls.ts'
import { recordingSink } from './recording-sink.ts'

type Headers = Record<string, string>

const remove = 'DELETE /orders/{id}'
const acme: HttpRule = { create: 'POST /orders', remove: { request: remove, headers: { 'X-Tenant-Id': 'acme' } } }

/** What is tracked of one request under one rule, and what is told. */
async function seen(rule: HttpRule, path = '/orders', headers: Headers = {}, options: HttpOptions = {}) {
  const sink = recordingSink()
  const api = await startApi((_request, response) => json(response, 201, { id: 4, tenant: 7 }))
  const capture = startHttpCapture(sink, [{ name: 'http', options: { ...options, rules: [rule] } }])
  onTestFinished(async () => {
    capture[Symbol.dispose]()
    await api[Symbol.asyncDispose]()
  })
  const messages: string[] = []
  sink.warn = (code, _subject, message) => void messages.push(`${code} ${message}`)
  return sink.run('a', async ({ events }) => {
    await new Promise<void>((resolve, reject) => {
      request(api.origin + path, { method: 'POST', headers }, (response) => response.resume().on('end', resolve))
        .on('error', reject)
        .end()
    })
    return { tracked: events.slice(1), messages }
  })
}

const tracked = { tracked: ['created order 4'], messages: [] }
const doubted = (why: string) => ({
  tracked: ['none no-id'],
  messages: [expect.stringMatching(new RegExp(`^DUSTPAN_NO_ID .*${why}`))],
})

describe('a header', () => {
  test('that the removal has with the same value is in no doubt', async () => {
    expect(await seen(acme, '/orders', { 'x-tenant-id': 'acme' })).toEqual(tracked)
    const options = { headers: { 'x-tenant-id': 'acme' } }
    expect(await seen({ create: 'POST /orders' }, '/orders', { 'x-tenant-id': 'acme' }, options)).toEqual(tracked)
  })

  test('that it has with another is', async () => {
    const why = 'its header x-tenant-id may select the owner, and the removal would send a different value'
    expect(await seen(acme, '/orders', { 'x-tenant-id': 'globex' })).toEqual(doubted(why))
  })

  test.each<[string, HttpRule]>([
    ['no removal', { create: 'POST /orders', id: 'body.id' }],
    ['another path', { create: 'POST /orders', remove: 'DELETE /admin/orders/{id}' }],
    ['another header', { ...acme, remove: { request: remove, headers: { 'x-region': '{body.region}' } } }],
    ['a fallback without it', { ...acme, fallback: remove }],
    ['a first step without it', { ...acme, first: 'DELETE /orders/{id}/items' }],
    ['another way to delete for good', { ...acme, permanent: `${remove}?hard=true` }],
    ['a project in its path', { ...acme, remove: 'DELETE /projects/{body.project}/orders/{id}' }],
    ['one of its types without it', { create: 'POST /orders', many: { order: 'body.id' } }],
    ['a number that is something else’s', { create: 'POST /orders', remove: 'DELETE /shelves/1/orders/{id}' }],
  ])('that it has not is, with %s', async (_, rule) => {
    for (const value of ['acme', '1'])
      expect(await seen(rule, '/orders', { 'x-tenant-id': value })).toEqual(doubted('x-tenant-id may select'))
  })

  test('that only the removal has is', async () => {
    const why = 'the removal would send x-tenant-id, which may select the owner, and the request did not'
    expect(await seen(acme)).toEqual(doubted(why))
    const options = { headers: { 'x-tenant-id': 'acme' } }
    expect(await seen({ create: 'POST /orders' }, '/orders', {}, options)).toEqual(doubted(why))
  })

  test.each<[string, HttpRule['remove']]>([
    ['that header', { request: remove, headers: { 'x-tenant-id': '{body.tenant}' } }],
    ['a parameter', `${remove}?tenant={body.tenant}`],
    ['its path', 'DELETE /tenants/{body.tenant}/orders/{id}'],
    ['a name in its path', 'DELETE /of/{body.tenant}/orders/{id}'],
    ['a name in a field of its own', 'DELETE /of/{body.tenant.id}/orders/{id}'],
    ['its body', { request: 'POST /purge', body: { order: '{id}', tenant: '{body.tenant}' } }],
  ])('is in no doubt where the removal says the owner of the answer, in %s', async (_, removal) => {
    const rule: HttpRule = { create: 'POST /orders', ...(removal === undefined ? {} : { remove: removal }) }
    for (const value of ['acme', '7']) expect(await seen(rule, '/orders', { 'x-tenant-id': value })).toEqual(tracked)
  })

  test.each<HttpRule['remove'] & string>([
    `${remove}?org=acme`,
    'DELETE /tenants/acme/orders/{id}',
    'DELETE /acme/orders/{id}',
  ])('is in no doubt where the removal names the same one elsewhere: %s', async (removal) => {
    const rule: HttpRule = { create: 'POST /orders', remove: removal }
    expect(await seen(rule, '/orders', { 'x-tenant-id': 'acme' })).toEqual(tracked)
    expect((await seen(rule, '/orders', { 'x-tenant-id': 'globex' })).tracked).toEqual(['none no-id'])
  })

  test('is in no doubt where its value is in the path of both', async () => {
    for (const rule of [
      { create: 'POST /{t}/orders' },
      { create: 'POST /{t}/orders', remove: 'DELETE /{t}/orders/{id}' },
    ])
      expect(await seen(rule, '/acme/orders', { 'x-tenant-id': 'acme' })).toEqual(tracked)
  })

  test('that chooses nothing makes no difference: a service’s own key, say', async () => {
    const rule = { ...acme, remove: { request: remove, headers: { 'x-purpose': 'cleanup' } } }
    expect(await seen(rule, '/orders', { 'x-request-id': '1' }, { headers: { 'x-internal-key': 'k' } })).toEqual(
      tracked,
    )
  })
})

describe('a Host header', () => {
  const host = 'acme.shop.test'

  test.each<[string, HttpRule]>([
    ['the same', { ...acme, remove: { request: remove, headers: { host } } }],
    ['that of the answer', { ...acme, remove: { request: remove, headers: { host: '{body.tenant}.shop.test' } } }],
    ['its first part elsewhere', { ...acme, remove: { request: remove, headers: { 'x-tenant-id': 'acme' } } }],
  ])('is in no doubt where the removal has %s', async (_, rule) => {
    expect(await seen(rule, '/orders', { host })).toEqual(tracked)
  })

  test('is where it has another, or none, or the request has none', async () => {
    const other = { ...acme, remove: { request: remove, headers: { host: 'globex.shop.test' } } }
    for (const rule of [other, { create: 'POST /orders' }])
      expect(await seen(rule, '/orders', { host })).toEqual(doubted('its Host header differs from the host'))
    expect(await seen(other)).toEqual(doubted('the removal would send host'))
  })
})

describe('a query', () => {
  const rule: HttpRule = { create: 'POST /orders', remove: `${remove}?tenant=acme` }

  test('with the same owner as the removal’s is in no doubt', async () => {
    expect(await seen(rule, '/orders?tenant=acme')).toEqual(tracked)
    expect(await seen({ ...rule, remove: `${remove}?tenant={body.tenant}` }, '/orders?tenant=acme')).toEqual(tracked)
  })

  test.each<[string, HttpRule]>([
    ['the removal has not', { create: 'POST /orders' }],
    ['the removal has another for', rule],
    ['only the route names', { create: 'POST /orders?tenant' }],
  ])('with an owner that %s is', async (_, one) => {
    expect(await seen(one, '/orders?tenant=globex')).toEqual(doubted('its URL has a query'))
  })

  test('with another value than the removal’s is, whatever it is called', async () => {
    expect(await seen({ ...rule, remove: `${remove}?shard=1` }, '/orders?shard=2')).toEqual(
      doubted('its URL has a query'),
    )
  })

  test('is missed where the removal has an owner, and not else', async () => {
    expect(await seen(rule)).toEqual(doubted('the removal would send \\?tenant'))
    expect(await seen({ ...rule, remove: `${remove}?force=true` })).toEqual(tracked)
    expect(await seen({ create: 'POST /orders' }, '/orders?notify=false')).toEqual(tracked)
  })
})

test('the owner of a removal takes the place of what headers and auth give, however it is spelled', async () => {
  await using api = await startApi((_request, response) => response.writeHead(204).end())
  const auth = () => ({ authorization: 'Bearer a', 'x-tenant-id': 'acme' })
  const connection = await connectTo(api.origin, { headers: { 'X-TENANT-ID': 'acme', host: 'a.test' }, auth })
  const headers = { 'X-Tenant-Id': 'globex', Host: 'b.test' }
  await connection.remove(targets(api.origin, [1], { url: '/orders/{id}', headers }), removalContext())
  expect(api.headers[0]).toMatchObject({ authorization: 'Bearer a', 'x-tenant-id': 'globex', host: 'b.test' })
})
