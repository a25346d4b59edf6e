/** Who is at work in a database, by the server's clock. */
import { clock } from '@dustpan/core/driver'
import type { OwnClient } from '../removal/own-client.ts'

type Signal = AbortSignal

export interface ServerClock {
  /** What is to be added to this machine's time. */
  readonly ahead: number
  /** How far that may be wrong. */
  readonly uncertain: number
}

/** Undefined: the log is not installed. */
export async function readClock(client: OwnClient, signal: Signal): Promise<ServerClock | undefined> {
  const asked = clock.now()
  const sql = `SELECT (to_regclass('dustpan.log') IS NOT NULL AND to_regclass('dustpan.writer') IS NOT NULL)::text, (extract(epoch FROM clock_timestamp()) * 1000)::text`
  const [row] = await client.rows(sql, [], signal)
  const answered = clock.now()
  if (row?.[0] !== 'true') return undefined
  // What a clock tells is cut to a millisecond, at both ends.
  const uncertain = (answered - asked) / 2 + 1
  const ahead = Number(row[1]) - (asked + answered) / 2
  return Math.abs(ahead) <= uncertain ? { ahead: 0, uncertain: 1 } : { ahead, uncertain }
}

export async function announce(
  client: OwnClient,
  { run, writer, since }: { readonly run: string; readonly writer: string; readonly since: number },
  signal: Signal,
): Promise<void> {
  await client.rows(
    `INSERT INTO dustpan.writer (run, writer, began) VALUES ($1, $2, to_timestamp($3::float8))
      ON CONFLICT (run, writer) DO UPDATE SET seen = clock_timestamp(), ended = NULL`,
    [run, writer, String(since / 1000)],
    signal,
  )
}

/** One writer of a run, or all of them. */
export async function leave(client: OwnClient, run: string, writer: string | null, signal: Signal): Promise<void> {
  await client.rows(
    'UPDATE dustpan.writer SET ended = coalesce(ended, clock_timestamp()) WHERE run = $1 AND writer = coalesce($2, writer)',
    [run, writer],
    signal,
  )
}
