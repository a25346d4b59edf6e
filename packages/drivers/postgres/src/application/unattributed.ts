/** Rows that name no run, and that nobody could claim; and what nobody needs any more. */
import type { CollectRequest, TableCount } from '@dustpan/core/driver'
import { keyOf } from '../key-value.ts'
import { readableTable, typeOf } from '../names.ts'
import type { Sql } from '../removal/exchange.ts'
import type { OwnClient } from '../removal/own-client.ts'
import { type LineFilter, silence } from './log-lines.ts'
import { type UnnamedRow, unnamedRows } from './unnamed-rows.ts'

/** What tests' own clients insert has no name either: that is on record, and not counted; nor is what is not there any more. */
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

/** What names a run after the time until which that is its own. */
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

/** Three of those that were at work since then, at most. */
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

/** For as long as a row's own line waits, what others wrote to it tells whether the row is still the same. */
const isNeeded = `EXISTS (SELECT FROM dustpan.log n WHERE n.key = l.key AND n.run <> '' AND NOT n.settled)`

/** Lines that are settled, and still have what a row was, wait for its restoring: as long as somebody may come back to it. */
const isHeld = `settled AND num_nonnulls(was, now) > 0 AND at > now() - interval '30 days'`

/** As long as there are lines without a name from a writer's time, it tells that nobody else may have them. */
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
