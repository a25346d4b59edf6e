/** Rows that name no run, and that nobody could claim; and what nobody needs any more. */
import { type CollectRequest, clock, type Json, type TableCount } from '@dustpan/core/driver'
import type { Client } from '../client.ts'
import { keysThere } from '../rows.ts'
import { loggedTables } from './inspect.ts'
import { held, type LineFilter, namelessLines, silenceMs } from './log-lines.ts'
import { keyIn } from './logged-keys.ts'
import { netRows } from './net-rows.ts'

/** What tests' own clients insert has no name either: that is on record, and not counted. */
export function countUnattributed(
  client: Client,
  store: string,
  { from, to }: { readonly from: number; readonly to: number },
  { isKnown }: Pick<CollectRequest, 'isKnown'>,
): readonly TableCount[] {
  return unnamedRows(client, from, to).flatMap(({ table, rows }) => {
    const count = rows.filter(({ key }) => !isKnown(store, table, key)).length
    return count > 0 ? [[table, count] as const] : []
  })
}

/** What names a run after the time until which that is its own. */
export function countLate(client: Client, { run, until }: LineFilter): readonly TableCount[] {
  if (until === undefined) return []
  const tables = loggedTables(client)
  const sql =
    'SELECT count(*) AS count, tbl FROM main.dustpan_log WHERE run = ? AND NOT settled AND at > ? GROUP BY tbl'
  return client.all(sql, run, until).flatMap(({ count, tbl }) => {
    const table = tables.get(Number(tbl))
    return table ? [[table.name, Number(count)] as const] : []
  })
}

/** Three of those that were at work since then, at most. */
export function othersAtWork(client: Client, run: string, from: number): readonly string[] {
  const sql = `SELECT DISTINCT run FROM main.dustpan_writer WHERE run <> ? AND coalesce(ended, seen + ${silenceMs}) >= ? LIMIT 3`
  return client.all(sql, run, from).map((row) => String(row.run))
}

interface UnnamedRows {
  readonly table: string
  readonly rows: readonly { readonly key: Json; readonly at: number }[]
}

/** Those that are there: what Dustpan has removed for tests that made it is not in the log. */
export function unnamedRows(client: Client, from = 0, to = Number.MAX_SAFE_INTEGER): readonly UnnamedRows[] {
  const tables = loggedTables(client)
  return [...Map.groupBy(namelessLines(client, from, to), ({ table }) => table)].flatMap(([number, lines]) => {
    const table = tables.get(number)
    if (!table) return []
    const ats = new Map(lines.map(({ id, at }) => [id, at]))
    const since = new Map(
      netRows(lines).flatMap(({ key, line }) => {
        const its = keyIn(key)
        return its ? [[its, ats.get(line.id) ?? 0] as const] : []
      }),
    )
    const there = keysThere(client, table, [...since.keys()])
    return [{ table: table.name, rows: there.map((key) => ({ key: key.json, at: since.get(key) ?? 0 })) }]
  })
}

const dayMs = 86_400_000
/** How long it is known what rows were that have not been restored. */
const heldMs = 30 * dayMs

/** For as long as a row's own line waits, what others wrote to it tells whether the row is still the same. */
export function prune(client: Client): void {
  const now = clock.now()
  const yesterday = now - dayMs
  client.run(
    `DELETE FROM main.dustpan_log WHERE (settled = 1 OR settled = ${held} AND at < ? OR run = '' AND at < ?)
      AND (tbl, key) NOT IN (SELECT tbl, key FROM main.dustpan_log WHERE run <> '' AND NOT settled)`,
    now - heldMs,
    yesterday,
  )
  client.run(
    `DELETE FROM main.dustpan_writer WHERE coalesce(ended, seen + ${silenceMs}) < ${untold}`,
    yesterday,
    yesterday,
  )
}

/** As long as there are lines without a name from a writer's time, it tells that nobody else may have them. */
const untold = `min(?, coalesce((SELECT min(at) FROM main.dustpan_log WHERE run = '' AND NOT settled), ?))`
