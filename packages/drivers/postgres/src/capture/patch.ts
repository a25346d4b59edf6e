import { asOne, type CaptureSink, type SharedPatch, sharedPatch } from '@dustpan/core/driver'
import type { PgClient } from '../pg.ts'
import { type CaptureRules, ignoresBy, namesStatements } from './capture-rules.ts'
import { capturedQuery, textOf } from './captured-query.ts'
import { concerns } from './concerns.ts'
import { asCaller, throughPool } from './pool-caller.ts'

export const patch: SharedPatch = sharedPatch(Symbol.for('dustpan/postgres/patch'))

/** Captures the queries of a client, or of all clients with this prototype. */
export function patchClient(client: object, sink: CaptureSink, rules: CaptureRules): Disposable {
  return patch(client, 'query', rules, (original, all) => {
    const ignores = ignoresBy(all)
    const names = namesStatements(all)
    return function query(this: PgClient, ...args: readonly unknown[]): unknown {
      return capturedQuery({ client: this, original, args, sink, ignores, names, entry: query })
    }
  })
}

/** Keeps the caller's scope through a pool: a waiting caller is called back from wherever a client is released. */
export function patchPool(pool: object, sink: CaptureSink, rules: CaptureRules): Disposable {
  return asOne([
    patch(pool, 'connect', rules, (original) => {
      return function connect(this: object, callback?: (...args: never[]) => unknown): unknown {
        if (typeof callback !== 'function') return original.call(this)
        return original.call(this, sink.active ? throughPool(sink.bind(callback)) : callback)
      }
    }),
    patch(pool, 'query', rules, (original) => {
      return function query(this: object, ...args: readonly unknown[]): unknown {
        const send = () => (original as (...args: readonly unknown[]) => unknown).apply(this, args as unknown[])
        const text = textOf(args[0])
        return sink.active && concerns(text) ? asCaller(sink.beginHere(query, 'later', text), send) : send()
      }
    }),
  ])
}
