/** Keeps track of the database of a node-redis client. */
import type { Arg } from '../keys.ts'
import type { NodeClient, Queued } from '../node-redis.ts'
import type { CaptureRules } from './capture-rules.ts'
import { baseClient } from './node-redis-cluster.ts'
import { patch } from './patch.ts'
import { selectionOf, selects } from './selection.ts'

const databases = new WeakMap<object, number>()

export function databaseOf(client: NodeClient): number {
  return databases.get(client) ?? client.options?.database ?? 0
}

/** In version 5 and later SELECT is a command like any other. RESET selects database 0. */
export function noteSelect(
  client: NodeClient,
  [name, database = '0']: readonly Arg[],
): ((reply: unknown) => void) | undefined {
  if (!selects(String(name))) return undefined
  databases.set(baseClient(client), Number(String(database)))
  return selectionOf.changes(baseClient(client))
}

/** A SELECT in a transaction also applies to the commands after it, unless it is aborted. */
export function noteSelected(client: NodeClient, commands: readonly Queued[]): void {
  for (const { args } of commands) noteSelect(client, args)
}

/** In version 1, `SELECT` bypasses all other methods. */
export function captureSelect(target: object, rules: CaptureRules): Disposable {
  return patch(target, 'SELECT', rules, (original) => {
    return function SELECT(this: NodeClient, ...args: unknown[]): unknown {
      const heard = noteSelect(this, ['SELECT', String(args.at(-1))])
      const reply = original.call(this, ...args) as Promise<unknown>
      reply.then(
        () => heard?.('OK'),
        () => {},
      )
      return reply
    }
  })
}

/** After `reset()` the database should be that of the options again; the server is asked once it is done. */
export function captureReset(target: object, rules: CaptureRules): Disposable {
  return patch(target, 'reset', rules, (original) => {
    return function reset(this: NodeClient, ...args: unknown[]): unknown {
      databases.delete(baseClient(this))
      const changed = () => void selectionOf.changes(baseClient(this))
      changed()
      const over = original.call(this, ...args) as Promise<unknown>
      over.then(changed, changed)
      return over
    }
  })
}
