import { currentSink, invalidArgument } from '@dustpan/core/driver'
import { captureClass } from './capture/capture-class.ts'
import { connectionTo, knownConnection } from './capture/instrument.ts'
import { type Database, libraryPrototype } from './client.ts'

/**
 * Tracks rows inserted through this database when its class is not instrumented automatically: when a copy of the library was
 * loaded before Dustpan. Does nothing outside a run.
 * @returns The same database.
 * @throws TypeError when it is not a database of `node:sqlite` or `better-sqlite3`.
 * @example
 * const db = capture(new DatabaseSync('data/shop.db'))
 */
export function capture<D extends object>(database: D): D {
  if (!isDatabase(database)) {
    throw invalidArgument(
      `capture() takes a database of node:sqlite or better-sqlite3, got ${typeof database}`,
      'Pass the DatabaseSync, or the Database of better-sqlite3.',
    )
  }
  const sink = currentSink()
  if (sink === undefined) return database
  connectionTo(database, sink)
  captureClass(libraryPrototype(database), knownConnection)
  return database
}

function isDatabase(value: object): value is Database {
  const { prepare, exec, function: define } = value as Partial<Database>
  return [prepare, exec, define].every((method) => typeof method === 'function')
}
