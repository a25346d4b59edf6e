/** Runs one IMMEDIATE transaction, and savepoints in it. */
import { clock } from '@dustpan/core/driver'
import { unlogged } from '../application/own-lines.ts'
import type { Client } from '../client.ts'
import type { OpenStore } from './connection.ts'
import { Held } from './outcomes.ts'

/** How long to wait for another process's transaction. */
const maxWaitMs = 2000

/** Checks foreign keys at the end, so that cycles can be removed. @throws Held, or SQLite's own error if the store is busy. */
export function transact<T>(open: OpenStore, deadline: number, run: () => T): T {
  const { client } = open
  if (client.inTransaction) throw new Held()
  if (open.isOwn) waitAtMost(client, open.isHeld() ? 0 : deadline - clock.now())
  client.exec('BEGIN IMMEDIATE')
  try {
    client.exec('PRAGMA defer_foreign_keys = ON')
    const result = run()
    client.exec('COMMIT')
    return result
  } catch (error) {
    if (client.inTransaction) client.exec('ROLLBACK')
    throw error
  }
}

/** Like `transact`, but keeps the removal out of the log of application writes. `then`: changes to the log itself. */
export function removing<T>(open: OpenStore, deadline: number, run: () => T, then?: (result: T) => void): T {
  const { client } = open
  const checked = () => {
    const result = run()
    if (!client.inTransaction) throw new RolledBack()
    return result
  }
  return transact(open, deadline, () => {
    const result = open.isOwn ? unlogged(client, checked) : checked()
    then?.(result)
    return result
  })
}

/**
 * A trigger (`RAISE(ROLLBACK)`) or a constraint (`ON CONFLICT ROLLBACK`) has rolled back the whole transaction: nothing may run
 * outside of it.
 */
export class RolledBack extends Error {
  readonly code = 'SQLITE_CONSTRAINT'

  constructor() {
    super('a trigger or a constraint of the database rolled back the whole transaction')
  }
}

/** Runs in a savepoint, which is rolled back if the result is `false` or an error is thrown. */
export function attempt<T>(client: Client, run: () => T): T {
  if (!client.inTransaction) throw new RolledBack()
  client.exec('SAVEPOINT dustpan')
  let result: T | false = false
  try {
    result = run()
    return result
  } finally {
    if (client.inTransaction) client.exec(`${result === false ? 'ROLLBACK TO dustpan; ' : ''}RELEASE dustpan`)
  }
}

function waitAtMost(client: Client, ms: number): void {
  client.exec(`PRAGMA busy_timeout = ${Math.max(0, Math.min(maxWaitMs, Math.floor(ms)))}`)
}
