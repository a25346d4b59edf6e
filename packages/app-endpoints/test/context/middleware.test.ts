/** On each server, the code of a request knows its test: after reading the body, in timers and among concurrent requests. */
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { getRequestListener } from '@hono/node-server'
import express from 'express'
import { fastify } from 'fastify'
import { Hono } from 'hono'
import { describe, expect, test } from 'vitest'
import { type TestContext, testContext } from '../../src/context/test-context.ts'
import { listen, type Started } from '../servers.ts'

/** The scope of the current request, after a delay. */
const who = async (context: TestContext): Promise<string> => {
  await sleep(1)
  return context.current()?.scope ?? '-'
}

/** Each responds to `POST /` with the scope of the request. */
const servers: Readonly<Record<string, (context: TestContext) => Promise<Started>>> = {
  'node:http': (context) =>
    listen(
      createServer((request, response) =>
        context.node(request, response, async () => {
          for await (const _ of request);
          response.end(await who(context))
        }),
      ),
    ),
  Express: (context) => {
    const app = express().use(context.node).use(express.json())
    return listen(createServer(app.post('/', async (_, response) => void response.send(await who(context)))))
  },
  Fastify: async (context) => {
    const app = fastify()
    context.fastify(app)
    app.post('/', () => who(context))
    await app.ready()
    return listen(app.server)
  },
  Hono: (context) => {
    const app = new Hono().use(context.hono)
    app.post('/', async (c) => {
      await c.req.json()
      return c.text(await who(context))
    })
    return listen(createServer(getRequestListener(app.fetch)))
  },
  'route handlers': (context) => {
    const handler = context.fetch(async (request: Request) => {
      await request.json()
      return new Response(await who(context))
    })
    return listen(createServer(getRequestListener(handler)))
  },
}

describe.each(Object.entries(servers))('%s', (_, start) => {
  test('each of 50 concurrent requests knows its own test', async () => {
    await using server = await start(testContext({ enabled: true, environment: 'test' }))
    const ask = async (scope: string) => {
      const ids: Record<string, string> = scope === '-' ? {} : { baggage: `test.run_id=run,test.scope_id=${scope}` }
      const headers = { 'content-type': 'application/json', ...ids }
      return (
        await fetch(server.url, { method: 'POST', headers, body: JSON.stringify({ pad: 'x'.repeat(90_000) }) })
      ).text()
    }
    const wanted = Array.from({ length: 50 }, (_, i) => (i % 5 === 0 ? '-' : `w1-${i}`))
    for (let round = 0; round < 3; round++) {
      const answers = await Promise.all(wanted.map(ask))
      expect(answers).toEqual(wanted)
    }
  })

  test('when disabled, requests have no test', async () => {
    await using server = await start(testContext({ enabled: false }))
    const headers = { 'content-type': 'application/json', baggage: 'test.run_id=run,test.scope_id=a' }
    expect(await (await fetch(server.url, { method: 'POST', headers, body: '{}' })).text()).toBe('-')
  })
})

test('work that a request started belongs to its test for lingerMs after the response', async () => {
  const context = testContext({ enabled: true, environment: 'test', lingerMs: 60_000 })
  const later = Promise.withResolvers<string | undefined>()
  const headers = { baggage: 'test.run_id=run,test.scope_id=a' }
  await context.fetch(() => void setTimeout(() => later.resolve(context.current()?.scope), 5))(
    new Request('http://app.test', { headers }),
  )
  expect(await later.promise).toBe('a')
  expect(context.current()).toBeUndefined()
})
