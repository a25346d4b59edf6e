/** The database that a client of node-redis is in. */
import type { Arg } from '../keys.ts'
import type { NodeClient } from '../node-redis.ts'
import type { CaptureRules } from './capture-rules.ts'
import { itself } from './node-redis-cluster.ts'
import { patch } from './patch.ts'

const databases = new WeakMap<object, number>()

export function databaseOf(client: NodeClient): number {
  return databases.get(client) ?? client.options?.database ?? 0
}

/** Of version 5 and later it is a command like all others. */
export function noteSelect(client: NodeClient, [name, database]: readonly Arg[]): void {
  if (String(name).toUpperCase() === 'SELECT') databases.set(itself(client), Number(String(database)))
}

/** What a transaction selects holds for what follows. */
export function noteSelected(client: NodeClient, database: unknown): void {
  if (typeof database === 'number') databases.set(itself(client), database)
}

/** `SELECT` of version 1 goes past all other methods. */
export function captureSelect(target: object, rules: CaptureRules): Disposable {
  return patch(target, 'SELECT', rules, (original) => {
    return function SELECT(this: NodeClient, ...args: unknown[]): unknown {
      noteSelect(this, ['SELECT', String(args.at(-1))])
      return original.call(this, ...args)
    }
  })
}

/** The database is the one of the options again. */
export function captureReset(target: object, rules: CaptureRules): Disposable {
  return patch(target, 'reset', rules, (original) => {
    return function reset(this: NodeClient, ...args: unknown[]): unknown {
      databases.delete(itself(this))
      return original.call(this, ...args)
    }
  })
}
