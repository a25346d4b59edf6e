/** Announces the writers that are active in a file. */
import type { Client } from '../client.ts'
import { schemaVersion } from '../schema-version.ts'

export interface Writer {
  readonly run: string
  readonly writer: string
  /** Milliseconds since the epoch. */
  readonly since: number
}

/** SQLite truncates its time to a millisecond, and so does Dustpan. */
export const uncertainMs = 1

export function announce(client: Client, { run, writer, since }: Writer, now: number): void {
  client.run(
    `INSERT INTO main.dustpan_writer (run, writer, began, seen, version) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (run, writer) DO UPDATE SET seen = excluded.seen, ended = NULL`,
    ...[run, writer, since - uncertainMs, now, schemaVersion(client, 'main')],
  )
}

/** VACUUM gives rows without a primary key new rowids, and the schema a new version. */
export function mayBeRenumbered(client: Client, run: string): boolean {
  const seen = client.all("SELECT DISTINCT version FROM main.dustpan_writer WHERE run = ? AND writer <> ''", run)
  return seen.length !== 1 || seen[0]?.version !== schemaVersion(client, 'main')
}

/** Ends one writer of a run, or all of them. */
export function leave(client: Client, run: string, writer: string | null, now: number): void {
  const sql = 'UPDATE main.dustpan_writer SET ended = coalesce(ended, ?) WHERE run = ? AND writer = coalesce(?, writer)'
  client.run(sql, now, run, writer)
}

/** Clears the context that a crashed application left behind: rows it writes later do not belong to this run. */
export function forgetContext(client: Client, run: string): void {
  client.run('UPDATE main.dustpan_context SET run = NULL, scope = NULL WHERE run = ?', run)
}
