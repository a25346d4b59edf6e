/** Names in requests and answers that every object has: `constructor`, `toString`. */
import { request } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { startHttpCapture } from '../../src/http-capture/capture.ts'
import type { HttpRule } from '../../src/resource/http-options.ts'
import type { Json } from '../../src/resource/resource.ts'
import { json, startApi } from '../http/api.ts'
import { recordingSink } from '../http-capture/recording-sink.ts'

interface Sent {
  readonly path?: string
  readonly headers?: Record<string, string>
  readonly answer?: Json
  readonly rule?: HttpRule
}

async function seen({ path = '/docs', headers = {}, answer = { id: 2 }, rule }: Sent) {
  const sink = recordingSink()
  const api = await startApi((_request, response) => json(response, 201, answer))
  const capture = startHttpCapture(sink, [{ name: 'http', options: { rules: rule ? [rule] : [] } }])
  onTestFinished(async () => {
    capture[Symbol.dispose]()
    await api[Symbol.asyncDispose]()
  })
  return sink.run('a', async ({ events, sets }) => {
    await new Promise<void>((resolve) =>
      request(api.origin + path, { method: 'POST', headers }, (response) => response.resume().on('end', resolve)).end(),
    )
    return { events: events.slice(1), warnings: sink.warnings, steps: sets.map(({ steps: [step] }) => step) }
  })
}

test.each(['constructor', 'toString', '__proto__'])(
  'a resource created with ?%s=1 is tracked by a rule',
  async (name) => {
    const { events, warnings } = await seen({ path: `/docs?${name}=1`, rule: { create: 'POST /docs' } })
    expect({ events, warnings }).toEqual({ events: ['created doc 2'], warnings: [] })
  },
)

test('a resource created with ?constructor=1 is not tracked without a rule, with DUSTPAN_NO_ID', async () => {
  const { events, warnings } = await seen({ path: '/docs?constructor=1' })
  expect({ events, warnings }).toEqual({ events: ['none no-id'], warnings: ['DUSTPAN_NO_ID POST /docs'] })
})

test.each(['constructor', '__proto__'])('a resource created with the header %s is tracked', async (name) => {
  const { events, warnings } = await seen({ headers: Object.fromEntries([[name, 'x']]) })
  expect({ events, warnings }).toEqual({ events: ['created doc 2'], warnings: [] })
})

test('an entity of the type constructor is removed beside the path of the request', async () => {
  const rule: HttpRule = { create: 'POST /api/seed', entities: 'body.entities', removals: { user: 'DELETE /u/{id}' } }
  const { events, steps } = await seen({ path: '/api/seed', answer: { entities: { constructor: [{ id: 3 }] } }, rule })
  expect(events).toEqual(['created constructor 3'])
  expect(steps).toMatchObject([{ args: { method: 'DELETE', url: '/api/constructors/{id}' } }])
})
