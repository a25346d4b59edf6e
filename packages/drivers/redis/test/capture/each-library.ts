import type { Server } from '@dustpan/conformance/servers'
import { beforeAll, beforeEach, describe } from 'vitest'
import { type Library, libraries } from '../clients.ts'
import { beginTestRun, type TestRun } from '../run.ts'

/** The block for each library, with a run for each of its tests, on a database that `FLUSHDB` has emptied. */
export function withEachLibrary(server: Server, options: object, body: (run: TestRun, library: Library) => void): void {
  let url: string
  beforeAll(async () => {
    url = await server.database()
  })
  describe.each(libraries)('$name', (library) => {
    const now = {} as TestRun
    beforeEach(async () => {
      Object.assign(now, await beginTestRun(library, url, options))
      await now.stranger.send('FLUSHDB')
    })
    body(now, library)
  })
}
