/** Rows that name no run, and that nobody could claim. */
import type { CollectRequest, RemovalContext } from '@dustpan/core/driver'
import { keyOf } from '../key-value.ts'
import { readableTable, typeOf } from '../names.ts'
import type { Sql } from '../removal/exchange.ts'
import type { OwnClient } from '../removal/own-client.ts'
import { type LineFilter, silence } from './log-lines.ts'
import { type UnnamedRow, unnamedRows } from './unnamed-rows.ts'

/** What tests' own clients insert has no name either: that is on record, and not counted; nor is what is not there any more. */
export async function warnOfUnattributed(
  client: OwnClient,
  unattributed: 'claim' | 'leave',
  during: { readonly from: number; readonly to: number },
  { run, isKnown }: CollectRequest,
  { signal, warn }: RemovalContext,
): Promise<void> {
  const counts: string[] = []
  for (const { relation, rows } of await unnamedRows(client, during, signal)) {
    const isOurs = (key: UnnamedRow['key']) => isKnown(client.answering, typeOf(relation), keyOf(relation.key, key))
    const count = rows.filter(({ key }) => !isOurs(key)).length
    if (count > 0) counts.push(`${count} of ${readableTable(relation)}`)
  }
  if (counts.length === 0) return
  const why =
    unattributed === 'leave'
      ? 'the option application.unattributed is leave'
      : await whoElse(client, run, during.from, signal)
  warn?.(
    'DUSTPAN_ROWS_UNATTRIBUTED',
    `Rows that name no test were written while the run went on, and are not removed (${why}): ${counts.join(', ')}`,
  )
}

/** What names a run long after it was over: a person may have its name in a browser. */
export async function warnOfLate(
  client: OwnClient,
  { run, until }: LineFilter,
  { signal, warn }: RemovalContext,
): Promise<void> {
  if (until === undefined) return
  const found = await client.rows(
    `SELECT count(*)::text, rel::regclass::text FROM dustpan.log WHERE run = $1 AND NOT settled AND at > to_timestamp($2::float8) GROUP BY rel ORDER BY 2`,
    [run, String(until / 1000)],
    signal,
  )
  if (found.length === 0) return
  const counts = found.map(([count, table]) => `${count} of ${table}`).join(', ')
  warn?.(
    'DUSTPAN_ROWS_UNATTRIBUTED',
    `Rows were written in the name of run ${run} long after it was over, and are left as they are (a person's browser may still have its name): ${counts}`,
  )
}

async function whoElse(client: OwnClient, run: string, from: number, signal: AbortSignal): Promise<string> {
  const rows = await client.rows(
    `SELECT DISTINCT run FROM dustpan.writer WHERE run <> $1 AND coalesce(ended, seen + interval '10 minutes') >= to_timestamp($2::float8) LIMIT 3`,
    [run, String(from / 1000)],
    signal,
  )
  const others = rows.map(([other]) => other).join(', ')
  return others === '' ? 'they came after its last look' : `at the same time there was at work: ${others}`
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
