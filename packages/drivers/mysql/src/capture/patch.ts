import { type CaptureSink, sharedPatch } from '@dustpan/core/driver'
import type { Command, Mysql2Connection } from '../mysql2.ts'
import { type CaptureRules, ignoresBy } from './capture-rules.ts'
import { capturedCommand } from './captured-command.ts'

const patch = sharedPatch(Symbol.for('dustpan/mysql/patch'))

/** Captures what a connection runs, or all connections with this prototype. */
export function patchConnection(connection: object, sink: CaptureSink, rules: CaptureRules): Disposable {
  return patch(connection, 'addCommand', rules, (original, all) => {
    const ignores = ignoresBy(all)
    return function addCommand(this: Mysql2Connection, command: Command): unknown {
      capturedCommand({ connection: this, command, sink, ignores, entry: addCommand })
      return original.call(this, command)
    }
  })
}

/** Carries the caller's scope through a pool: a waiting caller is called back from wherever a connection was released. */
export function patchPool(pool: object, sink: CaptureSink, rules: CaptureRules): Disposable {
  return patch(pool, 'getConnection', rules, (original) => {
    return function getConnection(this: object, callback: (...args: never[]) => unknown): unknown {
      const bound = typeof callback === 'function' && sink.active ? sink.bind(callback) : callback
      return original.call(this, bound)
    }
  })
}
