import type { Json, RemovalOutcome, Target } from '@dustpan/core/driver'
import { textOf } from './batches.ts'
import { alreadyGone, failed, isLockTimeout, locked } from './outcomes.ts'
import type { StoreClient } from './own-client.ts'

/** The arguments of `sql`: the user's own statement. */
export interface SqlArgs {
  readonly sql: string
  readonly params?: readonly Json[]
}

/** Runs the user's own statement for one target. */
export async function removeBySql(
  client: StoreClient,
  { removal, key }: Target,
  signal: AbortSignal,
): Promise<RemovalOutcome> {
  const { sql, params = [] } = removal.args as unknown as SqlArgs
  try {
    const [answer] = await client.run([{ text: sql, values: params.map((param) => withKey(param, key)) }], signal)
    const count = answer?.count ?? 0
    return count === 0 ? alreadyGone : { state: 'removed', result: count === 1 ? '1 row' : `${count} rows` }
  } catch (error) {
    return isLockTimeout(error) ? locked : failed(shortened(sql), error)
  }
}

/** `{id}` is the key, alone or inside a text. */
function withKey(param: Json, key: Json): string | null {
  if (param === '{id}') return textOf(key)
  return typeof param === 'string' ? param.replaceAll('{id}', () => textOf(key) ?? '') : textOf(param)
}

export function shortened(sql: string): string {
  const line = sql.replace(/\s+/g, ' ').trim()
  return line.length > 80 ? `${line.slice(0, 79)}…` : line
}
