import { asOne, type CaptureSink, type Instrument, invalidArgument, ownerOf } from '@dustpan/core/driver'
import type { Mysql2Connection, Mysql2Module } from '../mysql2.ts'
import { type CaptureRules, captureEverything } from './capture-rules.ts'
import { patchConnection, patchPool } from './patch.ts'

/** Captures what every connection of a copy of `mysql2` creates; `mysql2/promise` uses the same connections. */
export function mysqlInstrument(rules: CaptureRules): Instrument {
  return {
    module: 'mysql2',
    accepts: (exports) => isMysql2(exports),
    install(exports, sink) {
      if (!isMysql2(exports)) throw invalidArgument('expected the exports of mysql2, got something else')
      const connections = patchConnection(ownerOf(exports.Connection.prototype, 'addCommand'), sink, rules)
      return asOne([connections, patchPool(ownerOf(exports.Pool.prototype, 'getConnection'), sink, rules)])
    },
  }
}

/** Captures what one connection or pool creates; without a sink, only checks the argument. */
export function captureClient(client: unknown, sink: CaptureSink | undefined): Disposable {
  const { connection = client, pool = client } = (client ?? {}) as { connection?: unknown; pool?: unknown }
  const [one, many] = [isConnection(connection), isPool(pool)]
  if (!one && !many)
    throw invalidArgument(`capture(client): expected a connection or a pool of mysql2, got ${typeof client}`)
  if (!sink) return asOne([])
  return one ? patchConnection(connection as object, sink, captureEverything()) : capturePool(pool as Pool, sink)
}

interface Pool {
  readonly _allConnections: { readonly length: number; get(index: number): Mysql2Connection }
  on(event: 'connection', listener: (connection: Mysql2Connection) => void): unknown
  off(event: 'connection', listener: (connection: Mysql2Connection) => void): unknown
}

/** Captures the existing and future connections of the pool. */
function capturePool(pool: Pool, sink: CaptureSink): Disposable {
  const rules = captureEverything()
  const captured = new Set<Disposable>([patchPool(pool, sink, rules)])
  const add = (connection: Mysql2Connection) => captured.add(patchConnection(connection, sink, rules))
  for (let index = 0; index < pool._allConnections.length; index++) add(pool._allConnections.get(index))
  pool.on('connection', add)
  return {
    [Symbol.dispose]() {
      pool.off('connection', add)
      asOne(captured)[Symbol.dispose]()
    },
  }
}

function isMysql2(exports: unknown): exports is Mysql2Module {
  const { Connection, Pool, createConnection } = (exports ?? {}) as { readonly [name: string]: unknown }
  const all = [Connection, Pool, createConnection]
  return (
    all.every((one) => typeof one === 'function') && isConnection((Connection as { prototype?: unknown }).prototype)
  )
}

function isConnection(client: unknown): boolean {
  const { addCommand, execute } = (client ?? {}) as { addCommand?: unknown; execute?: unknown }
  return typeof addCommand === 'function' && typeof execute === 'function'
}

function isPool(client: unknown): boolean {
  const { getConnection, _allConnections } = (client ?? {}) as { getConnection?: unknown; _allConnections?: unknown }
  return typeof getConnection === 'function' && typeof _allConnections === 'object'
}
