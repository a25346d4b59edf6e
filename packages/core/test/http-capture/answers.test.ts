/** Responses to the test's own requests decide whether a 404 to a removal is believed. */
import { expect, test } from 'vitest'
import { createHttpDriver } from '../../src/http/driver.ts'
import { startHttpCapture } from '../../src/http-capture/capture.ts'
import type { Target } from '../../src/resource/target.ts'
import { json, startApi } from '../http/api.ts'
import { recordingSink } from './recording-sink.ts'

test.each([
  ['another response to the same credentials is already-gone', 'token a', 201, 'already-gone'],
  ['another response to other credentials fails', 'token b', 201, 'failed'],
  ['a 401 to the same credentials fails', 'token a', 401, 'failed'],
  ['a 404 to the same credentials fails', 'token a', 404, 'failed'],
  ['a 502 to the same credentials fails', 'token a', 502, 'failed'],
])('a 404 to a removal after %s', async (_who, authorization, status, state) => {
  await using api = await startApi((request, response) =>
    json(response, request.method === 'POST' ? status : 404, { id: 1 }),
  )
  const sink = recordingSink()
  using _capture = startHttpCapture(sink, [{ name: 'http', options: {} }])
  await sink.run('a', async () => {
    await (await fetch(`${api.origin}/users`, { method: 'POST', headers: { authorization } })).text()
  })

  const functions = { cleaner: () => undefined, driverOption: () => undefined }
  const auth = () => ({ authorization: 'token a' })
  const driver = createHttpDriver('http', { auth }, { root: '/', environment: 'test', functions })
  const { signal } = new AbortController()
  const context = { signal, deadline: 0, attempt: 1, batch: 'b', run: 'r', verify: 'auto' } as const
  await using connection = await driver.connect({ driver: 'http', id: api.origin }, context)
  const removal = { driver: 'http', op: 'request', v: 1, args: { method: 'DELETE', url: '/users/{id}' } }
  const target: Target = { id: 's.0', type: 'user', key: 1, removal, proof: { strength: 'key-only' }, createdAt: 0 }
  const outcomes = await connection.remove([target], context)
  expect(outcomes.get('s.0')?.state).toBe(state)
})
