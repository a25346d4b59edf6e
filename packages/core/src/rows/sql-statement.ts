/** Removals by a user's own statement. */

import type { Json } from '../resource/resource.ts'
import type { RemovalOutcome, Target } from '../resource/target.ts'
import { alreadyGone } from './row-outcomes.ts'
import type { SqlArgs } from './sql-removals.ts'

/** How a database runs a statement. */
export interface StatementRunner {
  /** Returns the number of rows affected. */
  run(sql: string, params: readonly Json[]): Promise<number>
  /** A key's value as part of a string. */
  textOf(value: Json): string | null
  /** @param what the statement, shortened */
  failed(what: string, error: unknown): RemovalOutcome
}

/** Runs the statement for one target. `'{id}'` in its parameters is replaced by the key, alone or inside a string. */
export async function removeByStatement({ removal, key }: Target, by: StatementRunner): Promise<RemovalOutcome> {
  const { sql, params = [] } = removal.args as unknown as SqlArgs
  try {
    const count = await by.run(
      sql,
      params.map((param) => withKey(param, key, by)),
    )
    return count === 0 ? alreadyGone : { state: 'removed', result: count === 1 ? '1 row' : `${count} rows` }
  } catch (error) {
    return by.failed(shortened(sql), error)
  }
}

function withKey(param: Json, key: Json, { textOf }: StatementRunner): Json {
  if (param === '{id}') return key
  return typeof param === 'string' ? param.replaceAll('{id}', () => textOf(key) ?? '') : param
}

/** Shortens a statement to one line for reports. */
export function shortened(sql: string): string {
  const line = sql.replace(/\s+/g, ' ').trim()
  return line.length > 80 ? `${line.slice(0, 79)}…` : line
}
