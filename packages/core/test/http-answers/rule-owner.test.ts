/** A rule does not vouch for the owner: a removal must send the same owner as the request. */
import { request } from 'node:http'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startHttpCapture } from '../../src/http-capture/capture.ts'
import type { HttpOptions, HttpRule } from '../../src/resource/http-options.ts'
import { json, startApi } from '../http/api.ts'
import { recordingSink } from '../http-capture/recording-sink.ts'
import { connectTo, removalContext, targets } from '../http-removal/driver-calls.ts'

type Headers = Record<string, string>

const remove = 'DELETE /orders/{id}'
const acme: HttpRule = { create: 'POST /orders', remove: { request: remove, headers: { 'X-Tenant-Id': 'acme' } } }

/** The tracked events and warnings of one request under one rule. */
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
const notTracked = (why: string) => ({
  tracked: ['none no-id'],
  messages: [expect.stringMatching(new RegExp(`^DUSTPAN_NO_ID .*${why}`))],
})

describe('a request header that may select the owner', () => {
  test('does not prevent tracking if the removal sends the same value', async () => {
    expect(await seen(acme, '/orders', { 'x-tenant-id': 'acme' })).toEqual(tracked)
    const options = { headers: { 'x-tenant-id': 'acme' } }
    expect(await seen({ create: 'POST /orders' }, '/orders', { 'x-tenant-id': 'acme' }, options)).toEqual(tracked)
  })

  test('prevents tracking if the removal sends another value', async () => {
    const why = 'its header x-tenant-id may select the owner, and the removal would send a different value'
    expect(await seen(acme, '/orders', { 'x-tenant-id': 'globex' })).toEqual(notTracked(why))
  })

  test.each<[string, HttpRule]>([
    ['no removal', { create: 'POST /orders', id: 'body.id' }],
    ['another path', { create: 'POST /orders', remove: 'DELETE /admin/orders/{id}' }],
    ['another header', { ...acme, remove: { request: remove, headers: { 'x-region': '{body.region}' } } }],
    ['a fallback without it', { ...acme, fallback: remove }],
    ['a first step without it', { ...acme, first: 'DELETE /orders/{id}/items' }],
    ['a permanent removal without it', { ...acme, permanent: `${remove}?hard=true` }],
    ['a project in its path', { ...acme, remove: 'DELETE /projects/{body.project}/orders/{id}' }],
    ['a type without it', { create: 'POST /orders', many: { order: 'body.id' } }],
    ['an equal number that means something else', { create: 'POST /orders', remove: 'DELETE /shelves/1/orders/{id}' }],
  ])('prevents tracking if the removal lacks it: a rule with %s', async (_, rule) => {
    for (const value of ['acme', '1'])
      expect(await seen(rule, '/orders', { 'x-tenant-id': value })).toEqual(notTracked('x-tenant-id may select'))
  })

  test('prevents tracking if only the removal sends it', async () => {
    const why = 'the removal would send x-tenant-id, which may select the owner, and the request did not'
    expect(await seen(acme)).toEqual(notTracked(why))
    const options = { headers: { 'x-tenant-id': 'acme' } }
    expect(await seen({ create: 'POST /orders' }, '/orders', {}, options)).toEqual(notTracked(why))
  })

  test.each<[string, HttpRule['remove']]>([
    ['that header', { request: remove, headers: { 'x-tenant-id': '{body.tenant}' } }],
    ['a parameter', `${remove}?tenant={body.tenant}`],
    ['its path', 'DELETE /tenants/{body.tenant}/orders/{id}'],
    ['a placeholder in its path', 'DELETE /of/{body.tenant}/orders/{id}'],
    ['a nested placeholder in its path', 'DELETE /of/{body.tenant.id}/orders/{id}'],
    ['its body', { request: 'POST /purge', body: { order: '{id}', tenant: '{body.tenant}' } }],
  ])('does not prevent tracking if the removal takes the owner from the response, in %s', async (_, removal) => {
    const rule: HttpRule = { create: 'POST /orders', ...(removal === undefined ? {} : { remove: removal }) }
    for (const value of ['acme', '7']) expect(await seen(rule, '/orders', { 'x-tenant-id': value })).toEqual(tracked)
  })

  test.each<HttpRule['remove'] & string>([
    `${remove}?org=acme`,
    'DELETE /tenants/acme/orders/{id}',
    'DELETE /acme/orders/{id}',
  ])('does not prevent tracking if the removal names the same owner elsewhere: %s', async (removal) => {
    const rule: HttpRule = { create: 'POST /orders', remove: removal }
    expect(await seen(rule, '/orders', { 'x-tenant-id': 'acme' })).toEqual(tracked)
    expect((await seen(rule, '/orders', { 'x-tenant-id': 'globex' })).tracked).toEqual(['none no-id'])
  })

  test('does not prevent tracking if its value is in the path of request and removal', async () => {
    for (const rule of [
      { create: 'POST /{t}/orders' },
      { create: 'POST /{t}/orders', remove: 'DELETE /{t}/orders/{id}' },
    ])
      expect(await seen(rule, '/acme/orders', { 'x-tenant-id': 'acme' })).toEqual(tracked)
  })

  test('is ignored if it does not select an owner, such as a service’s key', async () => {
    const rule = { ...acme, remove: { request: remove, headers: { 'x-purpose': 'cleanup' } } }
    expect(await seen(rule, '/orders', { 'x-request-id': '1' }, { headers: { 'x-internal-key': 'k' } })).toEqual(
      tracked,
    )
  })
})

describe('a Host header of a request', () => {
  const host = 'acme.shop.test'

  test.each<[string, HttpRule]>([
    ['the same Host header', { ...acme, remove: { request: remove, headers: { host } } }],
    [
      'a Host header from the response',
      { ...acme, remove: { request: remove, headers: { host: '{body.tenant}.shop.test' } } },
    ],
    ['its first part in another header', { ...acme, remove: { request: remove, headers: { 'x-tenant-id': 'acme' } } }],
  ])('does not prevent tracking if the removal has %s', async (_, rule) => {
    expect(await seen(rule, '/orders', { host })).toEqual(tracked)
  })

  test('prevents tracking if the removal has another one or none, or only the removal has one', async () => {
    const other = { ...acme, remove: { request: remove, headers: { host: 'globex.shop.test' } } }
    for (const rule of [other, { create: 'POST /orders' }])
      expect(await seen(rule, '/orders', { host })).toEqual(notTracked('its Host header differs from the host'))
    expect(await seen(other)).toEqual(notTracked('the removal would send host'))
  })
})

describe('a query of a request', () => {
  const rule: HttpRule = { create: 'POST /orders', remove: `${remove}?tenant=acme` }

  test('does not prevent tracking if the removal names the same owner', async () => {
    expect(await seen(rule, '/orders?tenant=acme')).toEqual(tracked)
    expect(await seen({ ...rule, remove: `${remove}?tenant={body.tenant}` }, '/orders?tenant=acme')).toEqual(tracked)
  })

  test.each<[string, HttpRule]>([
    ['the removal lacks', { create: 'POST /orders' }],
    ['differs in the removal', rule],
    ['only the route of the rule names', { create: 'POST /orders?tenant' }],
  ])('prevents tracking if it names an owner that %s', async (_, one) => {
    expect(await seen(one, '/orders?tenant=globex')).toEqual(notTracked('its URL has a query'))
  })

  test('prevents tracking if a parameter of any name has another value in the removal', async () => {
    expect(await seen({ ...rule, remove: `${remove}?shard=1` }, '/orders?shard=2')).toEqual(
      notTracked('its URL has a query'),
    )
  })

  test('is required if the removal’s query names an owner, and only then', async () => {
    expect(await seen(rule)).toEqual(notTracked('the removal would send \\?tenant'))
    expect(await seen({ ...rule, remove: `${remove}?force=true` })).toEqual(tracked)
    expect(await seen({ create: 'POST /orders' }, '/orders?notify=false')).toEqual(tracked)
  })
})

test('the removal’s own headers replace those of `headers` and `auth`, whatever their case', async () => {
  await using api = await startApi((_request, response) => response.writeHead(204).end())
  const auth = () => ({ authorization: 'Bearer a', 'x-tenant-id': 'acme' })
  const connection = await connectTo(api.origin, { headers: { 'X-TENANT-ID': 'acme', host: 'a.test' }, auth })
  const headers = { 'X-Tenant-Id': 'globex', Host: 'b.test' }
  await connection.remove(targets(api.origin, [1], { url: '/orders/{id}', headers }), removalContext())
  expect(api.headers[0]).toMatchObject({ authorization: 'Bearer a', 'x-tenant-id': 'globex', host: 'b.test' })
})

describe('a `routing` parameter (Elasticsearch), without which the removal finds nothing', () => {
  const why = 'its URL has a query that the removal would not have'

  test('prevents tracking if only the route of the rule has it', async () => {
    const rule: HttpRule = { create: 'POST /orders?routing=carl', remove }
    expect(await seen(rule, '/orders?routing=carl')).toEqual(notTracked(why))
  })

  test('does not prevent tracking if the removal has it', async () => {
    const rule: HttpRule = { create: 'POST /orders?routing=carl', remove: `${remove}?routing=carl` }
    expect(await seen(rule, '/orders?routing=carl')).toEqual(tracked)
  })
})
