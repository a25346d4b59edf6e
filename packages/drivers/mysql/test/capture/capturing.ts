import type { RecordingSink } from '@dustpan/conformance/capture'
import type { Server } from '@dustpan/conformance/servers'
import mysql2 from 'mysql2'
import mysql from 'mysql2/promise'
import { afterEach, beforeEach } from 'vitest'
import { forgetDoubts } from '../../src/capture/doubtful-keys.ts'
import { mysqlInstrument } from '../../src/capture/instrument.ts'

/** What a test has for itself; there from its start. */
export interface Capturing<S extends RecordingSink> {
  /** Of a database of its own. */
  readonly url: string
  readonly sink: S
  /** A connection that is captured. */
  readonly db: mysql.Connection
  /** Runs statements through `db`, one after the other, as the test `test`. */
  run(...statements: readonly string[]): Promise<void>
}

/** A database, a sink and a client that is captured, for each test of the block. */
export function capturing<S extends RecordingSink>(server: Server, schema: string, Sink: new () => S): Capturing<S> {
  const now = {} as { -readonly [K in keyof Capturing<S>]: Capturing<S>[K] }
  let installed: Disposable
  beforeEach(async () => {
    forgetDoubts()
    now.url = await server.database(schema)
    now.sink = new Sink()
    installed = mysqlInstrument({ serves: () => true, ignoreTables: ['ignored'] }).install(mysql2, now.sink)
    now.db = await mysql.createConnection({ uri: now.url, multipleStatements: true })
  })
  afterEach(async () => {
    await now.db.end()
    installed[Symbol.dispose]()
  })
  now.run = (...statements) =>
    now.sink.run('test', async () => {
      for (const sql of statements) await now.db.query(sql)
    })
  return now
}
