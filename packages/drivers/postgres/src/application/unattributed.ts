/** Counts rows of the application that were not collected, and prunes the log. */
import type { CollectRequest } from '@dustpan/core/driver'
import type { TableCount } from '@dustpan/core/rows'
import { keyOf } from '../key-value.ts'
import { readableTable, typeOf } from '../names.ts'
import type { Sql } from '../removal/exchange.ts'
import type { OwnClient } from '../removal/own-client.ts'
import { type LineFilter, silence } from './log-lines.ts'
import { type UnnamedRow, unnamedRows } from './unnamed-rows.ts'

/**
 * Counts rows that name no run. Rows that tests' own clients insert have no name either: they are on record and not
 * counted. Rows that no longer exist are not counted either.
 */
export async function countUnattributed(
  client: OwnClient,
  during: { readonly from: number; readonly to: number },
  { isKnown }: Pick<CollectRequest, 'isKnown'>,
  signal: AbortSignal,
): Promise<readonly TableCount[]> {
  const unnamed = await unnamedRows(client, during, signal)
  return unnamed.flatMap(({ relation, rows }) => {
    const isOurs = (key: UnnamedRow['key']) => isKnown(client.answering, typeOf(relation), keyOf(relation.key, key))
    const count = rows.filter(({ key }) => !isOurs(key)).length
    return count > 0 ? [[readableTable(relation), count] as const] : []
  })
}

/** Counts lines that name a run after the end of that run. */
export async function countLate(
  client: OwnClient,
  { run, until }: LineFilter,
  signal: AbortSignal,
): Promise<readonly TableCount[]> {
  if (until === undefined) return []
  const found = await client.rows(
    `SELECT rel::regclass::text, count(*)::text FROM dustpan.log WHERE run = $1 AND NOT settled AND at > to_timestamp($2::float8) GROUP BY rel`,
    [run, String(until / 1000)],
    signal,
  )
  return found.map(([table, count]) => [String(table), Number(count)])
}

/** Up to three other runs that were active since then. */
export async function othersAtWork(
  client: OwnClient,
  run: string,
  from: number,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const rows = await client.rows(
    `SELECT DISTINCT run FROM dustpan.writer WHERE run <> $1 AND coalesce(ended, seen + interval '10 minutes') >= to_timestamp($2::float8) LIMIT 3`,
    [run, String(from / 1000)],
    signal,
  )
  return rows.map(([other]) => String(other))
}

const day = `now() - interval '1 day'`

/** A line is needed as long as an uncollected line of the same row exists: it shows whether the row is still the same. */
const isNeeded = `EXISTS (SELECT FROM dustpan.log n WHERE n.key = l.key AND n.run <> '' AND NOT n.settled)`

/** Settled lines that hold previous values wait for the restoring of their row, for up to 30 days. */
const isHeld = `settled AND num_nonnulls(was, now) > 0 AND at > now() - interval '30 days'`

/** A writer is kept as long as unnamed lines from its time exist, because it shows that the lines may be its own. */
const oldestUnnamed = `(SELECT min(at) FROM dustpan.log WHERE run = '' AND NOT settled)`

export const pruneSql: readonly Sql[] = [
  {
    text: `DELETE FROM dustpan.log l WHERE (settled OR run = '' AND at < ${day}) AND NOT (${isHeld}) AND NOT ${isNeeded}`,
    values: [],
  },
  {
    text: `DELETE FROM dustpan.writer WHERE coalesce(ended, seen + ${silence}) < least(${day}, ${oldestUnnamed})`,
    values: [],
  },
]
