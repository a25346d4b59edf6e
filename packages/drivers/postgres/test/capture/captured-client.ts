import type { CaptureSink } from '@dustpan/core/driver'
import pg from 'pg'
import { onTestFinished } from 'vitest'
import { pgInstrument } from '../../src/capture/instrument.ts'

/** Connects a client that is captured until the end of the test. */
export async function capturedClient(url: string, sink: CaptureSink): Promise<pg.Client> {
  const client = new pg.Client(url)
  await client.connect()
  const installed = pgInstrument({ serves: () => true, ignoreTables: [] }).install(pg, sink)
  onTestFinished(async () => {
    installed[Symbol.dispose]()
    await client.end()
  })
  return client
}
