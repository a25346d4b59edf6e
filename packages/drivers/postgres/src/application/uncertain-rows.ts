/** Warns of rows of the application whose owner or key is uncertain: they are left alone. */
import { messageOf, type RemovalContext } from '@dustpan/core/driver'
import { readableTable } from '../names.ts'
import { isOfTable } from '../removal/look-apart.ts'
import type { OwnClient } from '../removal/own-client.ts'
import type { LogLine } from './log-lines.ts'
import type { LoggedRelation } from './logged-tables.ts'
import { netRows } from './net-rows.ts'
import { type LoggedRows, lookSql } from './present-rows.ts'

export interface TableLines {
  readonly relation: LoggedRelation
  readonly lines: readonly LogLine[]
}

export interface UnreadTable {
  readonly relation: LoggedRelation
  readonly error: unknown
}

export const isWhole = (key: LoggedRows['rows'][number]['key'], { key: columns }: LoggedRelation): boolean =>
  key.length === columns.length && !key.includes(null)

/** Warns of lines without a key: the row could not be logged, or its current key is unknown. */
export function warnOfTrouble(
  lines: readonly LogLine[],
  relations: ReadonlyMap<number, LoggedRelation>,
  warn: RemovalContext['warn'],
): void {
  const troubled = lines.filter(({ key }) => key === null || key.includes(null))
  for (const [rel, tableLines] of Map.groupBy(troubled, (line) => line.rel)) {
    const table = relations.get(rel)
    const why = tableLines[0]?.trouble ?? 'its primary key has changed since `dustpan db install`'
    warn?.(
      'DUSTPAN_ROWS_UNATTRIBUTED',
      `The application wrote rows of ${table ? readableTable(table) : 'a table that is no more'} that could not be logged (${why}): they are not removed`,
    )
  }
}

/** Warns of rows in tables that the server refuses to read: their lines stay in the log. */
export function warnOfUnread(unread: readonly UnreadTable[], warn: RemovalContext['warn']): void {
  for (const { relation, error } of unread) {
    warn?.(
      'DUSTPAN_ROWS_UNATTRIBUTED',
      `The application wrote rows of ${readableTable(relation)} that could not be looked at (${messageOf(error)}): they stay in the log, and are not removed until they can`,
    )
  }
}

export function warnOfStray(tables: readonly TableLines[], warn: RemovalContext['warn']): void {
  for (const { relation, lines } of tables) {
    const stray = new Set<LogLine>()
    netRows(lines, relation.keys, (line) => stray.add(line))
    const count = [...stray].filter(({ mine, settled }) => mine && !settled).length
    if (count === 0) continue
    warn?.(
      'DUSTPAN_ROWS_UNATTRIBUTED',
      `${count} rows that the application inserted into ${readableTable(relation)} were given another key by somebody else, or while others were: they are not removed`,
    )
  }
}

/**
 * Warns of rows whose table has a new file. TRUNCATE gives it one, but so do VACUUM FULL and some ALTER TABLE, after which
 * the rows still exist.
 */
export async function warnOfRewritten(
  client: OwnClient,
  tables: readonly TableLines[],
  signal: RemovalContext['signal'],
  warn: RemovalContext['warn'],
): Promise<void> {
  for (const { relation, lines } of tables) {
    const rows = netRows(lines, relation.keys).filter(({ key, line }) => !line.hasSameFile && isWhole(key, relation))
    if (rows.length === 0) continue
    const message = await rewrittenRows(client, { relation, rows }, signal)
    if (message !== undefined) warn?.('DUSTPAN_ROWS_UNATTRIBUTED', message)
  }
}

async function rewrittenRows(
  client: OwnClient,
  { relation, rows }: LoggedRows,
  signal: RemovalContext['signal'],
): Promise<string | undefined> {
  const inserted = (count: number) => `The application inserted ${count} rows into ${readableTable(relation)}`
  const reason = 'the table was emptied or written anew since (TRUNCATE, VACUUM FULL, ALTER TABLE)'
  try {
    const [seen] = await client.run([lookSql({ relation, rows })], signal)
    if (!seen || seen.rows.length === 0) return undefined
    return `${inserted(seen.rows.length)} by whose keys there are rows now; but ${reason}, so that they may be others: they are not removed`
  } catch (error) {
    if (!isOfTable(error)) throw error
    return `${inserted(rows.length)}, and ${reason}; whether they are there could not be looked at (${messageOf(error)}): they are not removed`
  }
}
