/** From the log's lines to rows on record: read, reckon, strike, record; only then is the striking for good. */
import type { CollectRequest, Json, RemovalContext } from '@dustpan/core/driver'
import { readableTable } from '../names.ts'
import type { OwnClient } from '../removal/own-client.ts'
import { begin, commit, rollback } from '../removal/transaction.ts'
import { type LineFilter, type LogLine, lineOf, linesSql, settleSql, strikeSql } from './log-lines.ts'
import { type LoggedRelation, relationsIn } from './logged-tables.ts'
import { netRows } from './net-rows.ts'
import { type LoggedRows, lookSql, needsLook, seenRows, setsOf } from './present-rows.ts'

type Signal = RemovalContext['signal']

export async function collectRows(
  client: OwnClient,
  filter: LineFilter,
  request: CollectRequest,
  { signal, warn }: RemovalContext,
): Promise<void> {
  const [found, tables] = await client.run(linesSql(filter), signal)
  if (!found || !tables || found.rows.length === 0) return
  const lines = found.rows.map(([line]) => lineOf(line ?? ''))
  const relations = relationsIn(tables.rows)
  await inTransaction(client, signal, async () => {
    const rows = await taken(client, lines, loggedRows(lines, relations), signal)
    const isKnown = (type: string, key: Json) => request.isKnown(client.answering, type, key)
    request.record(
      client.answering,
      rows.flatMap((its) => setsOf(its, isKnown)),
    )
    await client.run([commit], signal)
  })
  warnOfTrouble(
    lines.filter(({ mine }) => mine),
    relations,
    warn,
  )
}

/** Takes the lines out of the log, until the transaction ends; gives what of the rows another collector did not take before. */
async function taken(
  client: OwnClient,
  lines: readonly LogLine[],
  rows: readonly LoggedRows[],
  signal: Signal,
): Promise<readonly LoggedRows[]> {
  const isTouched = touchedByOthers(lines)
  const mine = lines.filter((line) => line.mine)
  const parts = [strikeSql(mine.filter((line) => !isTouched(line))), settleSql(mine.filter(isTouched))]
  const looks = rows.filter(needsLook)
  const [, , struck, settled, ...seen] = await client.run([begin, lazily, ...parts, ...looks.map(lookSql)], signal)
  const ids = new Set([...(struck?.rows ?? []), ...(settled?.rows ?? [])].map(([id]) => Number(id)))
  const answers = new Map(looks.map((look, index) => [look, seen[index]]))
  return rows.map((its) => {
    const answer = answers.get(its)
    const { relation, rows } = answer ? seenRows(its, answer) : its
    return { relation, rows: rows.filter(({ line }) => ids.has(line.id)) }
  })
}

/** By table, a partition's rows being its parent's. */
function loggedRows(lines: readonly LogLine[], relations: ReadonlyMap<number, LoggedRelation>): readonly LoggedRows[] {
  const byTable = Map.groupBy(lines, ({ rel }) => relations.get(rel)?.oid)
  return [...byTable].flatMap(([oid, its]) => {
    const relation = [...relations.values()].find((one) => one.oid === oid)
    if (!relation) return []
    const rows = netRows(its).filter(({ key, line }) => line.here && isWhole(key, relation))
    return rows.length > 0 ? [{ relation, rows }] : []
  })
}

/** A line that a crash of the server brings back is of a row that is on record. */
const lazily = { text: 'SET LOCAL synchronous_commit TO off', values: [] }

const isWhole = (key: LoggedRows['rows'][number]['key'], { key: columns }: LoggedRelation): boolean =>
  key.length === columns.length && !key.includes(null)

/** Lines stay, settled, as long as what others wrote to the same rows is not: only the order of both tells whose a row is. */
function touchedByOthers(lines: readonly LogLine[]): (line: LogLine) => boolean {
  const others = new Set(
    lines.flatMap(({ mine, settled, key, keyNow }) =>
      mine || settled ? [] : [JSON.stringify(key), ...(keyNow ? [JSON.stringify(keyNow)] : [])],
    ),
  )
  return ({ key, keyNow }) => others.has(JSON.stringify(key)) || (keyNow !== null && others.has(JSON.stringify(keyNow)))
}

function warnOfTrouble(
  lines: readonly LogLine[],
  relations: ReadonlyMap<number, LoggedRelation>,
  warn: RemovalContext['warn'],
): void {
  const troubled = lines.filter(({ key }) => key === null || key.includes(null))
  for (const [rel, its] of Map.groupBy(troubled, (line) => line.rel)) {
    const table = relations.get(rel)
    const why = its[0]?.trouble ?? 'its primary key has changed since `dustpan db install`'
    warn?.(
      'DUSTPAN_ROWS_UNATTRIBUTED',
      `The application wrote rows of ${table ? readableTable(table) : 'a table that is no more'} that could not be logged (${why}): they are not removed`,
    )
  }
}

async function inTransaction(client: OwnClient, signal: Signal, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    await client.run([rollback], signal).catch(() => {})
    throw error
  }
}
