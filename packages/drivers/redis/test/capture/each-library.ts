import type { Server } from '@dustpan/conformance/servers'
import { beforeAll, beforeEach, describe } from 'vitest'
import { type Library, libraries } from '../clients.ts'
import { beginTestRun, type TestRun } from '../run.ts'

/** Defines the block for each library, and gives each of its tests a run on an emptied database. */
export function withEachLibrary(server: Server, options: object, body: (run: TestRun, library: Library) => void): void {
  let url: string
  beforeAll(async () => {
    url = await server.database()
  })
  describe.each(libraries)('$name', (library) => {
    const current = {} as TestRun
    beforeEach(async () => {
      Object.assign(current, await beginTestRun(library, url, options))
      await current.stranger.send('FLUSHDB')
    })
    body(current, library)
  })
}
