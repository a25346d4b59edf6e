/** Keeps Dustpan's own removals out of the log. */
import type { Client } from '../client.ts'
import { isInstalled } from './inspect.ts'
import { held } from './log-lines.ts'

/**
 * Must run in a transaction that holds the write lock. Deletes the lines that `run` caused, and the `e` lines of rows that it
 * removed, as those rows no longer exist.
 */
export function unlogged<T>(client: Client, run: () => T): T {
  if (!isInstalled(client)) return run()
  const last = Number(client.all('SELECT max(id) AS last FROM main.dustpan_log')[0]?.last ?? 0)
  const result = run()
  client.run(
    `DELETE FROM main.dustpan_log WHERE id > ? OR op = 'e' AND settled <> ${held} AND (tbl, key) IN (SELECT tbl, key FROM main.dustpan_log WHERE id > ? AND op = 'd')`,
    last,
    last,
  )
  return result
}
