import { afterAll } from 'vitest'
import { requireServer, type Server, type Wanted } from './server.ts'

/**
 * A PostgreSQL for the tests of a file, disposed of after them: `const server = await testServer()`.
 * Tests with databases of their own can share the server that others use too.
 */
export async function testServer(wanted: Wanted = {}): Promise<Server> {
  const server = await requireServer('postgres', wanted)
  afterAll(() => server[Symbol.asyncDispose]())
  return server
}
