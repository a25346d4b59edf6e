/** The advice of DUSTPAN_NO_ID can be followed: it asks for nothing that a rule cannot say. */
import { expect, onTestFinished, test } from 'vitest'
import { startHttpCapture } from '../../src/http-capture/capture.ts'
import type { HttpRule } from '../../src/resource/http-options.ts'
import { json, startApi } from '../http/api.ts'
import { recordingSink } from '../http-capture/recording-sink.ts'

interface Sent {
  readonly path: string
  readonly headers?: Record<string, string>
  readonly location?: string
  readonly body?: object
  readonly rules?: readonly HttpRule[]
}

/** What is tracked of one request, and its warnings. */
async function seen({ path, headers = {}, location, body = { id: 4 }, rules = [] }: Sent) {
  const sink = recordingSink()
  const api = await startApi((_request, response) => {
    if (location !== undefined) response.setHeader('location', location)
    json(response, 201, body)
  })
  const capture = startHttpCapture(sink, [{ name: 'http', options: { rules } }])
  onTestFinished(async () => {
    capture[Symbol.dispose]()
    await api[Symbol.asyncDispose]()
  })
  const messages: string[] = []
  sink.warn = (_code, _subject, message) => void messages.push(message)
  return sink.run('a', async ({ events }) => {
    await (await fetch(api.origin + path, { method: 'POST', headers })).text()
    return { tracked: events.slice(1), messages }
  })
}

test('a query that may select the owner needs a rule, which may name it', async () => {
  const { tracked, messages } = await seen({ path: '/users?colour=red' })
  expect(tracked).toEqual(['none no-id'])
  expect(messages).toEqual([
    expect.stringContaining(
      "If the removal does not need it, a rule is enough: { create: 'POST /users' }. If it does, name it there",
    ),
  ])
  expect(await seen({ path: '/users?colour=red', rules: [{ create: 'POST /users' }] })).toEqual({
    ...{ tracked: ['created user 4'], messages: [] },
  })
})

test('the owner in the query of a request under a rule belongs into its removal, with the same value', async () => {
  const rule: HttpRule = { create: 'POST /users', remove: 'DELETE /users/{id}' }
  const { messages } = await seen({ path: '/users?tenant=b', rules: [rule] })
  expect(messages).toEqual([expect.stringContaining("remove: 'DELETE /things/{id}?name=value'")])
  const named: HttpRule = { create: 'POST /users', remove: 'DELETE /users/{id}?tenant=b' }
  expect((await seen({ path: '/users?tenant=b', rules: [named] })).messages).toEqual([])
})

test('Content-Profile, which no answer repeats, belongs into the removal with the value of the request', async () => {
  const headers = { 'content-profile': 'private' }
  const { messages } = await seen({ path: '/users', headers })
  expect(messages).toEqual([expect.stringContaining("headers: { 'content-profile': 'name' }")])
  const remove = { request: 'DELETE /users/{id}', headers }
  expect((await seen({ path: '/users', headers, rules: [{ create: 'POST /users', remove }] })).messages).toEqual([])
})

test('a Location that names the resource only by its query has no place in a rule', async () => {
  const { tracked, messages } = await seen({ path: '/users', location: '/users?id=eq.6', body: {} })
  expect(tracked).toEqual(['none no-id'])
  expect(messages).toEqual([expect.stringContaining('Prefer: return=representation')])
})
