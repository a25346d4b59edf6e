/** One IMMEDIATE transaction, and savepoints in it. */
import { clock } from '@dustpan/core/driver'
import { unlogged } from '../application/own-lines.ts'
import type { Client } from '../client.ts'
import type { OpenStore } from './connection.ts'
import { Held } from './outcomes.ts'

/** How long another process's transaction is waited for. */
const patienceMs = 2000

/** Foreign keys are checked at its end, so that cycles can go. @throws Held, or SQLite's own error when the store is busy. */
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

/** The same; the log of what the application writes does not tell of it. `then`: what is to be done about the log itself. */
export function removing<T>(open: OpenStore, deadline: number, run: () => T, then?: (result: T) => void): T {
  const { client } = open
  const whole = () => {
    const result = run()
    if (!client.inTransaction) throw new TakenBack()
    return result
  }
  return transact(open, deadline, () => {
    const result = open.isOwn ? unlogged(client, whole) : whole()
    then?.(result)
    return result
  })
}

/** A trigger (`RAISE(ROLLBACK)`) or a constraint (`ON CONFLICT ROLLBACK`) has undone the whole transaction: nothing may follow outside of it. */
export class TakenBack extends Error {
  readonly code = 'SQLITE_CONSTRAINT'

  constructor() {
    super('a trigger or a constraint of the database rolled back the whole transaction')
  }
}

/** Runs in a savepoint, which is rolled back when the answer is `false` or an error. */
export function attempt<T>(client: Client, run: () => T): T {
  if (!client.inTransaction) throw new TakenBack()
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
  client.exec(`PRAGMA busy_timeout = ${Math.max(0, Math.min(patienceMs, Math.floor(ms)))}`)
}
