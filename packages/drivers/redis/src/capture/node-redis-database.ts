/** The database that a client of node-redis is in. */
import type { Arg } from '../keys.ts'
import type { NodeClient, Queued } from '../node-redis.ts'
import type { CaptureRules } from './capture-rules.ts'
import { itself } from './node-redis-cluster.ts'
import { patch } from './patch.ts'
import { selectionOf, selects } from './selection.ts'

const databases = new WeakMap<object, number>()

export function databaseOf(client: NodeClient): number {
  return databases.get(client) ?? client.options?.database ?? 0
}

/** Of version 5 and later it is a command like all others. RESET leads to the first one. */
export function noteSelect(
  client: NodeClient,
  [name, database = '0']: readonly Arg[],
): ((reply: unknown) => void) | undefined {
  if (!selects(String(name))) return undefined
  databases.set(itself(client), Number(String(database)))
  return selectionOf.changes(itself(client))
}

/** What a transaction selects holds for what follows, unless it is aborted. */
export function noteSelected(client: NodeClient, commands: readonly Queued[]): void {
  for (const { args } of commands) noteSelect(client, args)
}

/** `SELECT` of version 1 goes past all other methods. */
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

/** The database is the one of the options again, or was to be: what the server says when it is over counts. */
export function captureReset(target: object, rules: CaptureRules): Disposable {
  return patch(target, 'reset', rules, (original) => {
    return function reset(this: NodeClient, ...args: unknown[]): unknown {
      databases.delete(itself(this))
      const changed = () => void selectionOf.changes(itself(this))
      changed()
      const over = original.call(this, ...args) as Promise<unknown>
      over.then(changed, changed)
      return over
    }
  })
}
