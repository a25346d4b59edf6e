import { ownStyle } from '../key-text.ts'
import type { PgClient } from '../pg.ts'
import type { Answer, Sql } from './exchange.ts'

/**
 * No statement of ours waits longer for somebody's lock, and the deadline alone says how long it may take; what we remove is not logged as
 * if the application had; and keys are read as they were written.
 */
const settings = { lock_timeout: '2s', statement_timeout: '0', 'dustpan.off': 'on', ...ownStyle }

/** `local`: whether they go with the transaction. */
const setAll = (local: string): string =>
  Object.entries(settings)
    .map(([name, value]) => `set_config('${name}', '${value}', ${local})`)
    .join(', ')

/** For the session, and tells that it is ours alone. Where a pooler lends it to others as well, another process answers than the client was told of. */
export function setOwn({ processID }: PgClient): Sql {
  const text = `SELECT pg_backend_pid() = $1::int4, ${setAll('pg_backend_pid() <> $1::int4')}`
  return { text, values: [String(processID ?? 0)] }
}

export const isOwn = (answer: Answer | undefined): boolean => answer?.rows[0]?.[0] === 't'

/** For one transaction. */
export const setLocally: Sql = { text: `SELECT ${setAll('true')}`, values: [] }
