/** Instruments the database classes of `node:sqlite` and `better-sqlite3`, so that tests need no change. */
import { asOne, type CaptureSink, type Instrument } from '@dustpan/core/driver'
import type { Database } from '../client.ts'
import { isOwn } from '../registry.ts'
import { captureClass } from './capture-class.ts'
import { type CaptureRules, installRules } from './capture-rules.ts'
import { Connection } from './connection.ts'

/** Without rules, everything is captured. */
export function sqliteInstruments(rules?: CaptureRules): readonly Instrument[] {
  return [
    instrument('node:sqlite', rules, (exports) => (exports as { DatabaseSync?: unknown } | null)?.DatabaseSync),
    instrument('better-sqlite3', rules, (exports) =>
      typeof exports === 'function' ? exports : (exports as { default?: unknown } | null)?.default,
    ),
  ]
}

function instrument(
  module: string,
  rules: CaptureRules | undefined,
  classIn: (exports: unknown) => unknown,
): Instrument {
  const prototypeIn = (exports: unknown) =>
    databasePrototype((classIn(exports) as { prototype?: unknown } | undefined)?.prototype)
  return {
    module,
    accepts: (exports) => prototypeIn(exports) !== undefined,
    install(exports, sink) {
      const prototype = prototypeIn(exports)
      if (prototype === undefined) return asOne([])
      return asOne([installRules(rules), captureClass(prototype, (database) => connectionTo(database, sink))])
    },
  }
}

function databasePrototype(given: unknown): Database | undefined {
  const prototype = given as Database | undefined
  const isDatabase = typeof prototype?.prepare === 'function' && typeof prototype.exec === 'function'
  return isDatabase && typeof prototype.function === 'function' ? prototype : undefined
}

const connections = new WeakMap<Database, Connection>()

/** The connection of a database; undefined for Dustpan's own databases. */
export function connectionTo(database: Database, sink: CaptureSink): Connection | undefined {
  const known = connections.get(database)
  if (known !== undefined || isOwn(database)) return known
  const connection = new Connection(database, sink)
  connections.set(database, connection)
  return connection
}

/** The connection of a database that was captured before. */
export function knownConnection(database: Database): Connection | undefined {
  return connections.get(database)
}
