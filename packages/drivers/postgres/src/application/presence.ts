/** Records active writers in a database, by the server's clock. */
import type { OwnClient } from '../removal/own-client.ts'
import { readServerClock, type ServerClock } from '../removal/server-clock.ts'

type Signal = AbortSignal

/** Undefined when the log is not installed. */
export async function readClock(client: OwnClient, signal: Signal): Promise<ServerClock | undefined> {
  const isInstalled = `to_regclass('dustpan.log') IS NOT NULL AND to_regclass('dustpan.writer') IS NOT NULL`
  const { clock, also } = await readServerClock(client, signal, isInstalled)
  if (also !== 'true') return undefined
  return Math.abs(clock.ahead) <= clock.uncertain ? { ahead: 0, uncertain: 1 } : clock
}

/** Records a writer as active. */
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

/** Records the end of one writer of a run, or of all. */
export async function leave(client: OwnClient, run: string, writer: string | null, signal: Signal): Promise<void> {
  await client.rows(
    'UPDATE dustpan.writer SET ended = coalesce(ended, clock_timestamp()) WHERE run = $1 AND writer = coalesce($2, writer)',
    [run, writer],
    signal,
  )
}
