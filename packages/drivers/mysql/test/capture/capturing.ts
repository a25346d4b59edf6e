import type { RecordingSink } from '@dustpan/conformance/capture'
import type { Server } from '@dustpan/conformance/servers'
import mysql2 from 'mysql2'
import mysql from 'mysql2/promise'
import { afterEach, beforeEach } from 'vitest'
import { forgetDoubts } from '../../src/capture/doubtful-keys.ts'
import { mysqlInstrument } from '../../src/capture/instrument.ts'

/** What each test of the block gets, set before it starts. */
export interface Capturing<S extends RecordingSink> {
  /** URL of the test's own database. */
  readonly url: string
  readonly sink: S
  /** A captured connection. */
  readonly db: mysql.Connection
  /** Runs statements through `db`, one after the other, as the test `test`. */
  run(...statements: readonly string[]): Promise<void>
}

/** Gives each test of the block its own database, sink and captured connection. */
export function capturing<S extends RecordingSink>(server: Server, schema: string, Sink: new () => S): Capturing<S> {
  const current = {} as { -readonly [K in keyof Capturing<S>]: Capturing<S>[K] }
  let installed: Disposable
  beforeEach(async () => {
    forgetDoubts()
    current.url = await server.database(schema)
    current.sink = new Sink()
    installed = mysqlInstrument({ serves: () => true, ignoreTables: ['ignored'] }).install(mysql2, current.sink)
    current.db = await mysql.createConnection({ uri: current.url, multipleStatements: true })
  })
  afterEach(async () => {
    await current.db.end()
    installed[Symbol.dispose]()
  })
  current.run = (...statements) =>
    current.sink.run('test', async () => {
      for (const sql of statements) await current.db.query(sql)
    })
  return current
}
