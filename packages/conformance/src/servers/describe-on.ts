import { afterAll, describe, test } from 'vitest'
import { type Kind, type Server, server, type Wanted } from './server.ts'

/**
 * Tests on a real server, which is running when `body` is called, and is disposed of after them. Without a server, one skipped test
 * gives the reason.
 *
 *     describeOn('mariadb', 'removal', (mariadb) => {
 *       let url: string
 *       beforeAll(async () => {
 *         url = await mariadb.database('CREATE TABLE …')
 *       })
 *       test(…)
 *     })
 */
export function describeOn(kind: Kind, title: string, body: (server: Server) => void, wanted: Wanted = {}): void {
  describe(`${title} (${kind})`, async () => {
    const found = await server(kind, wanted)
    if ('missing' in found) return test('needs a server', ({ skip }) => skip(found.missing))
    afterAll(() => found[Symbol.asyncDispose]())
    body(found)
  })
}
