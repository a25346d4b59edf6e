import { clock } from '@dustpan/core/driver'
import type { StoreClient } from './own-client.ts'

export interface ServerClock {
  /** What is to be added to this machine's time. */
  readonly ahead: number
  /** How far that may be wrong. */
  readonly uncertain: number
}

/** What the server's clock says, and another expression beside it, in one question. */
export async function readServerClock(
  client: StoreClient,
  signal: AbortSignal,
  also = 'NULL',
): Promise<{ readonly clock: ServerClock; readonly also: string | null }> {
  const asked = clock.now()
  const sql = `SELECT (${also})::text, (extract(epoch FROM clock_timestamp()) * 1000)::text`
  const [[told = null, now] = []] = await client.rows(sql, [], signal)
  const answered = clock.now()
  // What a clock tells is cut to a millisecond, at both ends.
  const uncertain = (answered - asked) / 2 + 1
  return { clock: { ahead: Number(now) - (asked + answered) / 2, uncertain }, also: told }
}
