/** Answers after which nobody knows whether something was created: those of what stands between, and of time that ran out. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import axios from 'axios'
import { expect, onTestFinished, test } from 'vitest'
import { startHttpCapture } from '../../src/http-capture/capture.ts'
import type { HttpRule } from '../../src/resource/http-options.ts'
import { json, startApi } from '../http/api.ts'
import { recordingSink } from './recording-sink.ts'

/** A service that answers these statuses in turn. */
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

test.each([408, 502, 503, 504])('after %i it is not known whether something was created', async (status) => {
  const { sink, ask } = await service([status])
  await sink.run('a', async ({ events }) => {
    await ask('POST /orders')
    expect(events).toEqual(['intent POST /orders'])
  })
})

test('an application in this process that answers 503 has created nothing', async () => {
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

test.each([400, 409, 422, 429, 500, 501])('after %i nothing was created', async (status) => {
  const { sink, ask } = await service([status])
  await sink.run('a', async ({ events }) => {
    await ask('POST /orders')
    expect(events).toEqual(['intent POST /orders', 'none rejected'])
  })
})

test.each<[string, Record<string, string>?]>([['PUT /users/carl'], ['POST /orders', { 'Idempotency-Key': 'a' }]])(
  '%s that is answered 503 and then 200 may have created',
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

test('a retry by a client is seen as well', async () => {
  const { sink, api } = await service([503, 200])
  await sink.run('a', async ({ events }) => {
    const put = () => axios.put(`${api.origin}/users/carl`, {})
    await put().catch(put)
    expect(events).toHaveLength(3)
  })
  expect(sink.warnings).toEqual(['DUSTPAN_NO_ID PUT /users/carl'])
})

test('what a retry of PUT creates was not created before', async () => {
  const { sink, ask } = await service([503, 201])
  await sink.run('a', async ({ events }) => {
    await ask('PUT /users/7')
    await ask('PUT /users/7')
    expect(events).toEqual(['intent PUT /users/{id}', 'intent PUT /users/{id}', 'none rejected', 'created user 7'])
  })
  expect(sink.warnings).toEqual([])
})

test.each<[string, string]>([
  ['of another path', 'PUT /users/emma'],
  ['of another kind', 'POST /users/carl'],
])('a request %s is no retry', async (_, line) => {
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
])('POST with %s idempotency key is no retry', async (_, headers) => {
  const { sink, ask } = await service([503, 200])
  await sink.run('a', async () => {
    await ask('POST /orders', headers['idempotency-key'] ? { 'idempotency-key': 'a' } : {})
    await ask('POST /orders', headers)
  })
  expect(sink.warnings).toEqual([])
})

test.each<[string, readonly HttpRule[], readonly string[]]>([
  ['without a rule', [], ['DUSTPAN_NO_ID POST /batch']],
  ['under a rule for others', [{ create: 'POST /batch', id: 'body.id' }], []],
  ['that is to be ignored', [{ create: 'POST /batch', ignore: true }], []],
])('of POST %s that is answered 207 nothing is believed', async (_, rules, warnings) => {
  const { sink, ask } = await service([207], rules)
  await sink.run('a', async ({ sets }) => {
    await ask('POST /batch')
    expect(sets).toEqual([])
  })
  expect(sink.warnings).toEqual(warnings)
})
