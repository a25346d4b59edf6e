/** Responses that leave open whether something was created: from gateways and after timeouts. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import axios from 'axios'
import { expect, onTestFinished, test } from 'vitest'
import { startHttpCapture } from '../../src/http-capture/capture.ts'
import type { HttpRule } from '../../src/resource/http-options.ts'
import { json, startApi } from '../http/api.ts'
import { recordingSink } from './recording-sink.ts'

/** A service that answers with these statuses in turn. */
async function service(statuses: number[], rules: readonly HttpRule[] = []) {
  const sink = recordingSink()
  const api = await startApi((_request, response) => json(response, statuses.shift() ?? 500, { id: 7 }))
  const capture = startHttpCapture(sink, [{ name: 'http', options: { rules } }])
  onTestFinished(async () => {
    capture[Symbol.dispose]()
    await api[Symbol.asyncDispose]()
  })
  const ask = async (line: string, headers: Record<string, string> = {}) => {
    const [method = '', path = ''] = line.split(' ')
    await (await fetch(api.origin + path, { method, headers, body: '{}' })).text()
  }
  return { sink, ask, api }
}

test.each([408, 502, 503, 504])('an intent stays open after a response with status %i', async (status) => {
  const { sink, ask } = await service([status])
  await sink.run('a', async ({ events }) => {
    await ask('POST /orders')
    expect(events).toEqual(['intent POST /orders'])
  })
})

test('an intent is rejected when an application in this process answers 503', async () => {
  const { sink } = await service([])
  const server = createServer((_request, response) => json(response, 503, {})).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  await sink.run('a', async ({ events }) => {
    const { port } = server.address() as { port: number }
    await (await fetch(`http://127.0.0.1:${port}/orders`, { method: 'POST' })).text()
    expect(events).toEqual(['intent POST /orders', 'none rejected'])
  })
})

test.each([400, 409, 422, 429, 500, 501])('an intent is rejected by a response with status %i', async (status) => {
  const { sink, ask } = await service([status])
  await sink.run('a', async ({ events }) => {
    await ask('POST /orders')
    expect(events).toEqual(['intent POST /orders', 'none rejected'])
  })
})

test.each<[string, Record<string, string>?]>([['PUT /users/carl'], ['POST /orders', { 'Idempotency-Key': 'a' }]])(
  '%s answered 503 and then 200 warns with DUSTPAN_NO_ID, as the first may have created',
  async (line, headers) => {
    const { sink, ask } = await service([503, 200])
    await sink.run('a', async ({ events }) => {
      await ask(line, headers)
      await ask(line, headers)
      expect(events).toEqual([`intent ${line}`, `intent ${line}`, 'none not-a-creation'])
    })
    expect(sink.warnings).toEqual([`DUSTPAN_NO_ID ${line}`])
  },
)

test('a retry by a client library is recognised', async () => {
  const { sink, api } = await service([503, 200])
  await sink.run('a', async ({ events }) => {
    const put = () => axios.put(`${api.origin}/users/carl`, {})
    await put().catch(put)
    expect(events).toHaveLength(3)
  })
  expect(sink.warnings).toEqual(['DUSTPAN_NO_ID PUT /users/carl'])
})

test('a PUT retried after 503 and answered 201 settles the first intent as rejected', async () => {
  const { sink, ask } = await service([503, 201])
  await sink.run('a', async ({ events }) => {
    await ask('PUT /users/7')
    await ask('PUT /users/7')
    expect(events).toEqual(['intent PUT /users/{id}', 'intent PUT /users/{id}', 'none rejected', 'created user 7'])
  })
  expect(sink.warnings).toEqual([])
})

test.each<[string, string]>([
  ['to another path', 'PUT /users/emma'],
  ['with another method', 'POST /users/carl'],
])('a request %s is not a retry', async (_, line) => {
  const { sink, ask } = await service([503, 200])
  await sink.run('a', async () => {
    await ask('PUT /users/carl')
    await ask(line)
  })
  expect(sink.warnings).toEqual([])
})

test.each<[string, Record<string, string>]>([
  ['another', { 'idempotency-key': 'b' }],
  ['no', {}],
])('a POST with %s idempotency key is not a retry', async (_, headers) => {
  const { sink, ask } = await service([503, 200])
  await sink.run('a', async () => {
    await ask('POST /orders', headers['idempotency-key'] ? { 'idempotency-key': 'a' } : {})
    await ask('POST /orders', headers)
  })
  expect(sink.warnings).toEqual([])
})

test.each<[string, readonly HttpRule[], readonly string[]]>([
  ['no rule', [], ['DUSTPAN_NO_ID POST /batch']],
  ['a rule for other statuses', [{ create: 'POST /batch', id: 'body.id' }], []],
  ['a rule that ignores it', [{ create: 'POST /batch', ignore: true }], []],
])('a POST with %s answered 207 is not tracked', async (_, rules, warnings) => {
  const { sink, ask } = await service([207], rules)
  await sink.run('a', async ({ sets }) => {
    await ask('POST /batch')
    expect(sets).toEqual([])
  })
  expect(sink.warnings).toEqual(warnings)
})
