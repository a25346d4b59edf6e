/** Counts unattributed rows that were not claimed, and prunes the log. */
import { type CollectRequest, clock, type Json } from '@dustpan/core/driver'
import type { TableCount } from '@dustpan/core/rows'
import type { Client } from '../client.ts'
import { existingKeys } from '../rows.ts'
import { loggedTables } from './inspect.ts'
import { held, type LineFilter, silenceMs, unattributedLines } from './log-lines.ts'
import { keyIn } from './logged-keys.ts'
import { netRows } from './net-rows.ts'

/** Rows inserted by tests' own clients are unattributed in the log too; they are on record, and not counted. */
export function countUnattributed(
  client: Client,
  store: string,
  { from, to }: { readonly from: number; readonly to: number },
  { isKnown }: Pick<CollectRequest, 'isKnown'>,
): readonly TableCount[] {
  return unattributedRows(client, from, to).flatMap(({ table, rows }) => {
    const count = rows.filter(({ key }) => !isKnown(store, table, key)).length
    return count > 0 ? [[table, count] as const] : []
  })
}

/** Counts lines that name a run but were written after its end. */
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

/** Up to three runs that have been active since then. */
export function othersAtWork(client: Client, run: string, from: number): readonly string[] {
  const sql = `SELECT DISTINCT run FROM main.dustpan_writer WHERE run <> ? AND coalesce(ended, seen + ${silenceMs}) >= ? LIMIT 3`
  return client.all(sql, run, from).map((row) => String(row.run))
}

interface UnattributedRows {
  readonly table: string
  readonly rows: readonly { readonly key: Json; readonly at: number }[]
}

/** Unattributed rows that still exist: the log has no lines for rows that Dustpan removed. */
export function unattributedRows(client: Client, from = 0, to = Number.MAX_SAFE_INTEGER): readonly UnattributedRows[] {
  const tables = loggedTables(client)
  return [...Map.groupBy(unattributedLines(client, from, to), ({ table }) => table)].flatMap(([number, lines]) => {
    const table = tables.get(number)
    if (!table) return []
    const timeById = new Map(lines.map(({ id, at }) => [id, at]))
    const since = new Map(
      netRows(lines).flatMap(({ key, line }) => {
        const parsed = keyIn(key)
        return parsed ? [[parsed, timeById.get(line.id) ?? 0] as const] : []
      }),
    )
    const there = existingKeys(client, table, [...since.keys()])
    return [{ table: table.name, rows: there.map((key) => ({ key: key.json, at: since.get(key) ?? 0 })) }]
  })
}

const dayMs = 86_400_000
/** How long the old values of rows that were not restored are kept. */
const heldMs = 30 * dayMs

/** Lines of other writers are kept while a row's own line is pending: they show whether it is still the same row. */
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
    `DELETE FROM main.dustpan_writer WHERE coalesce(ended, seen + ${silenceMs}) < ${earliestNeeded}`,
    yesterday,
    yesterday,
  )
}

/** While there are unattributed lines from a writer's time, its entry shows that nobody else may take them. */
const earliestNeeded = `min(?, coalesce((SELECT min(at) FROM main.dustpan_log WHERE run = '' AND NOT settled), ?))`
