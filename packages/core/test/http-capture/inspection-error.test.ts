/** Errors of Dustpan itself while it reads an answer. */
import { request } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { startHttpCapture } from '../../src/http-capture/capture.ts'
import { json, startApi } from '../http/api.ts'
import { recordingSink } from './recording-sink.ts'

const clients: Record<string, (url: string) => Promise<unknown>> = {
  fetch: async (url) => (await fetch(url, { method: 'POST' })).text(),
  'node:http': (url) =>
    new Promise<void>((resolve) =>
      request(url, { method: 'POST' }, (response) => response.resume().on('end', resolve)).end(),
    ),
}

test.each(Object.entries(clients))('an answer to %s that cannot be inspected is reported', async (_, send) => {
  const sink = recordingSink()
  const api = await startApi((_request, response) => json(response, 201, { id: 7 }))
  const capture = startHttpCapture(sink, [{ name: 'http', options: {} }])
  onTestFinished(async () => {
    capture[Symbol.dispose]()
    await api[Symbol.asyncDispose]()
  })
  sink.onRecord = () => {
    throw new Error('broken')
  }
  await sink.run('a', async () => send(`${api.origin}/users`))
  expect(sink.warnings).toEqual(['DUSTPAN_BODY_UNREAD http'])
  expect(capture.underway).toBe(0)
})
