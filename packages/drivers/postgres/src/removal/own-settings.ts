import { ownStyle } from '../key-text.ts'
import type { PgClient } from '../pg.ts'
import type { Answer, Sql } from './exchange.ts'

/**
 * Our statements wait no longer than this for a lock, and only the deadline limits how long they run; our removals are not logged
 * as the application's; and keys are read in the form in which they were recorded.
 */
const settings = { lock_timeout: '2s', statement_timeout: '0', 'dustpan.off': 'on', ...ownStyle }

/** `local`: whether the settings end with the transaction. */
const setAll = (local: string): string =>
  Object.entries(settings)
    .map(([name, value]) => `set_config('${name}', '${value}', ${local})`)
    .join(', ')

/**
 * Sets them for the session, and checks that it is ours alone. With a pooler that shares sessions, the process that answers
 * is not the one that the client was told at connect.
 */
export function setOwn({ processID }: PgClient): Sql {
  const text = `SELECT pg_backend_pid() = $1::int4, ${setAll('pg_backend_pid() <> $1::int4')}`
  return { text, values: [String(processID ?? 0)] }
}

export const isUnshared = (answer: Answer | undefined): boolean => answer?.rows[0]?.[0] === 't'

/** Sets them for one transaction. */
export const setLocally: Sql = { text: `SELECT ${setAll('true')}`, values: [] }
