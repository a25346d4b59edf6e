/** Bodies that other middleware has read before must not make a call affect more than it asks for. */
import { createServer, type RequestListener } from 'node:http'
import express from 'express'
// @ts-expect-error: the types are those of Express 5.
import untyped from 'express4'
import { expect, test } from 'vitest'
import { type App, createApp, key } from './app.ts'
import { listen } from './servers.ts'

const express4: typeof express = untyped
const headers = { 'x-internal-key': key, 'x-test-id': 'test-one', 'content-type': 'application/json' }

const cleanup = async (listener: RequestListener): Promise<number> => {
  await using server = await listen(createServer(listener))
  const body = JSON.stringify({ tags: ['mine'] })
  return (await fetch(`${server.url}/api/test/cleanup-test-data`, { method: 'POST', headers, body })).status
}
const callsForMine = ['tag items mine', 'tag users mine']

const parsers = {
  'express.urlencoded()': [express.urlencoded({ extended: false }), express4.urlencoded({ extended: false })],
  'express.text()': [express.text(), express4.text()],
  'express.raw()': [express.raw(), express4.raw()],
  'express.raw() of everything': [express.raw({ type: '*/*' }), express4.raw({ type: '*/*' })],
  'express.json()': [express.json(), express4.json()],
} as const

test.each(Object.entries(parsers))('behind %s only the tags in the body are removed', async (_, [five, four]) => {
  for (const [make, parser] of [
    [express, five],
    [express4, four],
  ] as const) {
    const app = createApp()
    expect(await cleanup(make().use(parser).use(app.endpoints().node))).toBe(200)
    expect(app.calls).toEqual(callsForMine)
  }
})

test('a body that other code consumed is answered with 500 and removes nothing', async () => {
  const app = createApp()
  const { node } = app.endpoints()
  const read: RequestListener = (request, response) => {
    request.resume().on('end', () => setImmediate(() => node(request, response)))
  }
  expect(await cleanup(read)).toBe(500)
  expect(app.calls).toEqual([])
})

test('a call that the application answers first causes no unhandled rejection', async () => {
  const app: App = createApp()
  const answered = Promise.withResolvers<void>()
  const create = async () => {
    await answered.promise
    return { id: 1 }
  }
  const { node } = app.endpoints({ store: { types: { things: { create } } } })
  const unhandled: unknown[] = []
  const note = (error: unknown) => void unhandled.push(error)
  process.on('unhandledRejection', note)
  await using server = await listen(
    createServer((request, response) => {
      node(request, response)
      response.writeHead(503).end()
    }),
  )
  const { status } = await fetch(`${server.url}/api/test/things`, { method: 'POST', headers, body: '{}' })
  expect(status).toBe(503)
  answered.resolve()
  await expect.poll(() => app.audit.at(-1)?.phase).toBe('done')
  await new Promise(setImmediate)
  process.off('unhandledRejection', note)
  expect(unhandled).toEqual([])
})
