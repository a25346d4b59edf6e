import { asOne, type CaptureSink, type Instrument, invalidArgument, ownerOf } from '@dustpan/core/driver'
import type { PgClient, PgModule, PgPool } from '../pg.ts'
import { parser } from '../sql/parser.ts'
import { type CaptureRules, captureAll } from './capture-rules.ts'
import { patchClient, patchPool } from './patch.ts'
import { captureSql } from './postgres-js/instrument.ts'
import { isSql } from './postgres-js/library.ts'

/** Captures every client of a copy of `pg`. */
export function pgInstrument(rules: CaptureRules): Instrument {
  return {
    module: 'pg',
    accepts: (exports) => isPg(exports),
    install(exports, sink) {
      if (!isPg(exports)) throw invalidArgument('expected the exports of pg, got something else')
      return install(exports, sink, rules)
    },
  }
}

/** Captures one client or pool; without a sink it only validates the argument. */
export function captureClient(client: unknown, sink: CaptureSink | undefined): Disposable {
  if (isSql(client)) return sink ? captureSql(client, sink, captureAll()) : asOne([])
  const capture = isJavaScriptClient(client) ? patchClient : isPool(client) ? capturePool : undefined
  if (!capture)
    throw invalidArgument(
      `capture(client): expected a Client or Pool of pg, or a client of postgres.js, got ${typeof client}`,
      'pg.native cannot be captured',
    )
  if (!sink) return asOne([])
  void parser.load()
  return capture(client as PgClient & PgPool, sink, captureAll())
}

/** Captures the existing clients of a pool and those that it will create. */
function capturePool(pool: PgPool, sink: CaptureSink, rules: CaptureRules): Disposable {
  const captured = new Set<Disposable>([patchPool(pool, sink, rules)])
  const add = (client: PgClient) => captured.add(patchClient(client, sink, rules))
  for (const client of pool._clients) add(client)
  pool.on('connect', add)
  return {
    [Symbol.dispose]() {
      pool.off('connect', add)
      asOne(captured)[Symbol.dispose]()
    },
  }
}

function install(exports: PgModule, sink: CaptureSink, rules: CaptureRules): Disposable {
  void parser.load()
  if (!isJavaScriptClient(exports.Client.prototype)) {
    warnOfNative(sink)
    return asOne([])
  }
  return asOne([
    watchNative(exports, sink),
    patchClient(exports.Client.prototype, sink, rules),
    patchPool(ownerOf(exports.Pool.prototype, 'connect'), sink, rules),
  ])
}

/** `pg.native` loads a different client on first access. */
function watchNative(exports: PgModule, sink: CaptureSink): Disposable {
  const original = Object.getOwnPropertyDescriptor(exports, 'native')
  if (!original?.get || !original.configurable) return asOne([])
  const get = () => {
    const native: unknown = original.get?.call(exports)
    if (native) warnOfNative(sink)
    return native
  }
  Object.defineProperty(exports, 'native', { ...original, get })
  return {
    [Symbol.dispose]() {
      if (Object.getOwnPropertyDescriptor(exports, 'native')?.get === get)
        Object.defineProperty(exports, 'native', original)
    },
  }
}

function warnOfNative(sink: CaptureSink): void {
  sink.warn(
    'DUSTPAN_SQL_UNATTRIBUTED',
    'pg.native',
    'Rows inserted through pg.native are not tracked: use the JavaScript client of pg, or track() the rows',
  )
}

function isPg(exports: unknown): exports is PgModule {
  const { Client, Pool } = (exports ?? {}) as Partial<PgModule>
  return (
    typeof Client === 'function' &&
    typeof Pool === 'function' &&
    typeof Client.prototype?.query === 'function' &&
    'Query' in Client
  )
}

function isJavaScriptClient(client: unknown): client is object {
  return typeof (client as { getStartupConf?: unknown } | null)?.getStartupConf === 'function'
}

function isPool(client: unknown): client is PgPool {
  const { Client, connect } = (client ?? {}) as { Client?: { prototype?: unknown }; connect?: unknown }
  return typeof connect === 'function' && isJavaScriptClient(Client?.prototype)
}
