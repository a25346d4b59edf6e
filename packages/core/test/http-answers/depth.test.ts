/** Requests and answers that are nested too deeply to be searched. */
import { request } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { startHttpCapture } from '../../src/http-capture/capture.ts'
import { startApi } from '../http/api.ts'
import { recordingSink } from '../http-capture/recording-sink.ts'

const nested = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`

async function seen(sent: string, answer: string) {
  const sink = recordingSink()
  const api = await startApi((_request, response) => response.writeHead(201).end(answer))
  const capture = startHttpCapture(sink, [{ name: 'http', options: {} }])
  onTestFinished(async () => {
    capture[Symbol.dispose]()
    await api[Symbol.asyncDispose]()
  })
  return sink.run('a', async ({ events }) => {
    await new Promise<void>((resolve) =>
      request(`${api.origin}/docs`, { method: 'POST' }, (response) => response.resume().on('end', resolve)).end(sent),
    )
    return { events: events.slice(1), warnings: sink.warnings }
  })
}

test.each<[string, number, string, string]>([
  ['items were sent', 3000, `[${nested(3000)}]`, '[{ "id": 6 }]'],
  ['items were sent', 50_000, `[${nested(50_000)}]`, '[{ "id": 6 }]'],
  ['body was sent', 50_000, nested(50_000), '[{ "id": 6 }]'],
  ['body was sent', 50_000, nested(50_000), '{ "id": 6 }'],
  ['answer is nested', 50_000, '{}', `{ "id": 6, "a": ${nested(50_000)} }`],
])('a resource whose %s %d levels deep is not tracked, with DUSTPAN_NO_ID', async (_, __, sent, answer) => {
  expect(await seen(sent, answer)).toEqual({ events: ['none no-id'], warnings: ['DUSTPAN_NO_ID POST /docs'] })
})

test('a resource whose items were sent 400 levels deep is tracked', async () => {
  expect(await seen(`[${nested(400)}]`, '[{ "id": 6 }]')).toEqual({ events: ['created doc 6'], warnings: [] })
})
