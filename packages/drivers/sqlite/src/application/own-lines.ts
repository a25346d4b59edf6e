/** Dustpan's own removals are nobody's writing. */
import type { Client } from '../client.ts'
import { isInstalled } from './inspect.ts'
import { held } from './log-lines.ts'

/**
 * Runs within a transaction that holds the write lock, and takes the lines out again that it caused; and those of insertions that once met a
 * row which it removed, as that row is not met any more.
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
