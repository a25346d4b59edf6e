import { predicateSuite } from '@dustpan/conformance/by-predicate'
import { type Server, startServer } from '@dustpan/conformance/servers'
import { afterAll, beforeAll } from 'vitest'
import { postgresWorld } from './world.ts'

let server: Server

beforeAll(async () => {
  server = await startServer()
}, 60_000)

afterAll(() => server[Symbol.asyncDispose]())

predicateSuite({ name: 'PostgreSQL', open: () => postgresWorld(server), fields: true })
