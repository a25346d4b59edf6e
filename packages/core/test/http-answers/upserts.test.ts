/** Requests that create or change, whichever applies: the answer does not say which. */
import { expect, onTestFinished, test } from 'vitest'
import { startHttpCapture } from '../../src/http-capture/capture.ts'
import type { HttpRule } from '../../src/resource/http-options.ts'
import { json, startApi } from '../http/api.ts'
import { recordingSink } from '../http-capture/recording-sink.ts'

interface Sent {
  readonly path?: string
  readonly prefer?: string
  readonly body?: unknown
  readonly answer?: unknown
}

async function seen({ path = '/docs', prefer = '', body = {}, answer = { id: 2 } }: Sent, rules: HttpRule[] = []) {
  const sink = recordingSink()
  const messages: string[] = []
  sink.warn = (_code, _subject, message) => void messages.push(message)
  const api = await startApi((_request, response) => json(response, 201, answer))
  const capture = startHttpCapture(sink, [{ name: 'http', options: { rules } }])
  onTestFinished(async () => {
    capture[Symbol.dispose]()
    await api[Symbol.asyncDispose]()
  })
  return sink.run('a', async ({ events }) => {
    await (
      await fetch(api.origin + path, { method: 'POST', headers: prefer ? { prefer } : {}, body: JSON.stringify(body) })
    ).text()
    return { events: events.slice(1), messages }
  })
}

test.each<[string, Sent]>([
  ['Prefer: resolution=merge-duplicates', { prefer: 'return=representation,resolution=merge-duplicates' }],
  ['Prefer: resolution=ignore-duplicates', { prefer: 'resolution=ignore-duplicates' }],
  ['?on_conflict=', { path: '/docs?on_conflict=email' }],
  ['?action=upsert', { path: '/docs?action=upsert' }],
  ['?action=emplace', { path: '/docs?action=emplace' }],
  ['?action=update', { path: '/docs?action=update' }],
  ['?upsert=true', { path: '/docs?upsert=true' }],
  ['?overwrite', { path: '/docs?overwrite' }],
  [
    'a revision in one of its documents',
    { body: { docs: [{ _id: 'seed', _rev: '1-967a' }, { _id: 'new' }] }, answer: [{ id: 'seed' }, { id: 'new' }] },
  ],
])('a request with %s is not tracked, even under a rule', async (_, sent) => {
  for (const rules of [[], [{ create: 'POST /docs', id: Array.isArray(sent.answer) ? 'body[].id' : 'body.id' }]]) {
    const { events, messages } = await seen(sent, rules)
    expect(events).toEqual(['none no-id'])
    expect(messages).toEqual([expect.stringContaining('may have changed something that existed before')])
    expect(messages[0]).toMatch(/\{ create: 'POST \/docs(\?\w+)?', ignore: true \}/)
    expect(messages[0]).toContain('track()')
  }
})

test('a request whose documents all have a revision is an update', async () => {
  const sent = { body: { docs: [{ _id: 'seed', _rev: '1-967a' }] }, answer: [{ ok: true, id: 'seed' }] }
  expect(await seen(sent)).toEqual({ events: ['none updated-existing'], messages: [] })
})

test.each<[string, Sent]>([
  ['Prefer: return=representation', { prefer: 'return=representation' }],
  ['?upsert=false', { path: '/docs?upsert=false' }],
  ['?action=create', { path: '/docs?action=create' }],
  ['?constructor=1', { path: '/docs?constructor=1' }],
  ['?toString=1', { path: '/docs?toString=1' }],
  ['?__proto__=1', { path: '/docs?__proto__=1' }],
])('a request with %s is tracked under a rule', async (_, sent) => {
  expect((await seen(sent, [{ create: 'POST /docs' }])).events).toEqual(['created doc 2'])
})
