import { predicateSuite } from '@dustpan/conformance/by-predicate'
import { afterAll, beforeAll } from 'vitest'
import { type Server, startServer } from '../server.ts'
import { postgresWorld } from './world.ts'

let server: Server

beforeAll(async () => {
  server = await startServer()
}, 60_000)

afterAll(() => server[Symbol.asyncDispose]())

predicateSuite({ name: 'PostgreSQL', open: () => postgresWorld(server), fields: true })
