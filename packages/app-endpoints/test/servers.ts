/** The endpoints on each supported kind of server. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import express from 'express'
// @ts-expect-error: the types are those of Express 5.
import untyped from 'express4'
import { fastify } from 'fastify'
import { Hono } from 'hono'
import type { TestDataEndpoints } from '../src/endpoints.ts'

const express4: typeof express = untyped

export interface Started extends AsyncDisposable {
  readonly url: string
}

export type Start = (endpoints: TestDataEndpoints) => Promise<Started>

/** Each also has the application's own route, `GET /own`. */
export const servers: Readonly<Record<string, Start>> = {
  'node:http': ({ node }) =>
    listen(createServer((request, response) => node(request, response, () => response.end('own')))),
  'Express 5': ({ node }) => {
    const app = express().use(node)
    return listen(createServer(app.get('/own', (_, response) => void response.send('own'))))
  },
  'Express 5, mounted, behind express.json()': ({ node }) => {
    const app = express().use(express.json()).use('/api/test', node)
    return listen(createServer(app.get('/own', (_, response) => void response.send('own'))))
  },
  'Express 4, behind express.json()': ({ node }) => {
    const app = express4().use(express4.json()).use(node)
    return listen(createServer(app.get('/own', (_, response) => void response.send('own'))))
  },
  Fastify: async (endpoints) => {
    const app = fastify()
    app.register(endpoints.fastify)
    app.get('/own', () => 'own')
    await app.ready()
    return listen(app.server)
  },
  Hono: ({ fetch }) => {
    const app = new Hono().all('/api/test/*', (c) => fetch(c.req.raw)).get('/own', (c) => c.text('own'))
    return listen(createServer(getRequestListener(app.fetch)))
  },
  // app/api/test/[...path]/route.ts exports the handler for each method; Next calls it with the request, and the parts of the path.
  'route handlers, called as Next.js does': ({ fetch }) => {
    const route: Record<string, (request: Request, context: object) => Promise<Response>> = {
      POST: fetch,
      DELETE: fetch,
      GET: fetch,
      PUT: fetch,
    }
    const call = (request: Request) => {
      const { pathname } = new URL(request.url)
      if (pathname === '/own') return new Response('own')
      const params = Promise.resolve({ path: pathname.split('/').slice(3) })
      return route[request.method]?.(request, { params }) ?? new Response(null, { status: 405 })
    }
    return listen(createServer(getRequestListener(call)))
  },
}

export async function listen(server: Server): Promise<Started> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
