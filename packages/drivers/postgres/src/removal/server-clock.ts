import { clock } from '@dustpan/core/driver'
import type { StoreClient } from './own-client.ts'

export interface ServerClock {
  /** Milliseconds to add to the time of this machine. */
  readonly ahead: number
  /** The possible error of `ahead`, in milliseconds. */
  readonly uncertain: number
}

/** Reads the server's clock, and one more expression, in one query. */
export async function readServerClock(
  client: StoreClient,
  signal: AbortSignal,
  also = 'NULL',
): Promise<{ readonly clock: ServerClock; readonly also: string | null }> {
  const sentAt = clock.now()
  const sql = `SELECT (${also})::text, (extract(epoch FROM clock_timestamp()) * 1000)::text`
  const [[value = null, now] = []] = await client.rows(sql, [], signal)
  const answeredAt = clock.now()
  // Both clocks are truncated to milliseconds.
  const uncertain = (answeredAt - sentAt) / 2 + 1
  return { clock: { ahead: Number(now) - (sentAt + answeredAt) / 2, uncertain }, also: value }
}
