/** From the log's lines to rows on record: read, reckon, strike, record; only then is the striking for good. */
import type { CollectRequest, Json, RemovalContext } from '@dustpan/core/driver'
import type { OwnClient } from '../removal/own-client.ts'
import { begin, commit, rollback } from '../removal/transaction.ts'
import { changedRows } from './changed-rows.ts'
import { type ChangedRows, changedSets, heldLines, lookBackSql } from './changed-sets.ts'
import { isNamedIn } from './installation.ts'
import { holdSql, type LineFilter, type LogLine, lineOf, linesSql, settleSql, strikeSql } from './log-lines.ts'
import { type LoggedRelation, relationsIn } from './logged-tables.ts'
import { netRows } from './net-rows.ts'
import { type LoggedRows, lookSql, needsLook, seenRows, setsOf } from './present-rows.ts'
import type { RestoresTable } from './restored-tables.ts'
import { isWhole, type TableLines, warnOfRewritten, warnOfStray, warnOfTrouble } from './uncertain-rows.ts'

type Signal = RemovalContext['signal']

export async function collectRows(
  client: OwnClient,
  filter: LineFilter,
  request: CollectRequest,
  { ignored, restores }: TableChoice,
  { signal, warn }: RemovalContext,
): Promise<void> {
  const [found, tables] = await client.run(linesSql(filter), signal)
  if (!found || !tables || found.rows.length === 0) return
  const relations = relationsIn(tables.rows)
  const lines = found.rows.map(([line]) => withKeyOfToday(lineOf(line ?? ''), relations))
  const logged = byTable(lines, relations).filter(({ relation }) => !isNamedIn(ignored, relation))
  await inTransaction(client, signal, async () => {
    const tables = logged
    const found = { rows: loggedRows(tables), changed: restores ? changedIn(tables, restores) : [] }
    const { rows, changed } = await taken(client, lines, found, signal)
    const isKnown = (type: string, key: Json) => request.isKnown(client.answering, type, key)
    request.record(client.answering, [...changed.flatMap(changedSets), ...rows.flatMap((its) => setsOf(its, isKnown))])
    await client.run([commit], signal)
  })
  warnOfTrouble(
    lines.filter(({ mine }) => mine),
    relations,
    warn,
  )
  warnOfStray(logged, warn)
  await warnOfRewritten(client, logged, signal, warn)
}

interface TableChoice {
  readonly ignored: readonly string[]
  readonly restores: RestoresTable
}

/** What other columns named than those that are the primary key today is another row by these, or none. */
function withKeyOfToday(line: LogLine, relations: ReadonlyMap<number, LoggedRelation>): LogLine {
  const { key, keyOf = [], rel } = line
  const today = relations.get(rel)?.key.map(({ name }) => name)
  if (key === null || today === undefined || keyOf.join('\0') === today.join('\0')) return line
  return { ...line, key: null, keyNow: null, trouble: 'its primary key was another one' }
}

interface Found {
  readonly rows: readonly LoggedRows[]
  readonly changed: readonly ChangedRows[]
}

/** Takes the lines out of the log, until the transaction ends; gives what of the rows another collector did not take before. */
async function taken(
  client: OwnClient,
  lines: readonly LogLine[],
  { rows, changed }: Found,
  signal: Signal,
): Promise<Found> {
  const held = heldLines(changed)
  const isTouched = touchedByOthers(lines)
  const done = lines.filter((line) => line.mine && !held.has(line))
  const parts = [strikeSql(done.filter((line) => !isTouched(line))), settleSql(done.filter(isTouched))]
  if (held.size > 0) parts.push(holdSql([...held]))
  const looks = rows.filter(needsLook)
  const all = [begin, lazily, ...parts, ...looks.map(lookSql), ...changed.flatMap(lookBackSql)]
  const answers = (await client.run(all, signal)).slice(2)
  const ids = new Set(answers.splice(0, parts.length).flatMap((answer) => answer.rows.map(([id]) => Number(id))))
  const seen = new Map(looks.map((look, index) => [look, answers[index]]))
  return {
    rows: rows.map((its) => {
      const answer = seen.get(its)
      const { relation, rows } = answer ? seenRows(its, answer) : its
      return { relation, rows: rows.filter(({ line }) => ids.has(line.id)) }
    }),
    changed: changed.map(({ relation, changes }) => ({
      relation,
      changes: changes.filter(({ first, last }) => ids.has(first.id) && ids.has(last.id)),
    })),
  }
}

/** By table, a partition's rows being its parent's. */
function byTable(lines: readonly LogLine[], relations: ReadonlyMap<number, LoggedRelation>): readonly TableLines[] {
  const tables = new Map([...relations.values()].map((relation) => [relation.oid, relation]))
  return [...Map.groupBy(lines, ({ rel }) => relations.get(rel)?.oid)].flatMap(([oid = 0, its]) => {
    const relation = tables.get(oid)
    return relation ? [{ relation, lines: its }] : []
  })
}

function loggedRows(tables: readonly TableLines[]): readonly LoggedRows[] {
  return tables.flatMap(({ relation, lines }) => {
    const rows = netRows(lines, relation.keys).filter(({ key, line }) => line.here && isWhole(key, relation))
    return rows.length > 0 ? [{ relation, rows }] : []
  })
}

function changedIn(tables: readonly TableLines[], restores: NonNullable<RestoresTable>): readonly ChangedRows[] {
  return tables.flatMap(({ relation, lines }) => {
    if (!restores(relation)) return []
    const changes = changedRows(lines).filter(({ first }) => isWhole(first.key ?? [], relation))
    return changes.length > 0 ? [{ relation, changes }] : []
  })
}

/** A line that a crash of the server brings back is of a row that is on record. */
const lazily = { text: 'SET LOCAL synchronous_commit TO off', values: [] }

/** Lines stay, settled, as long as what others wrote to the same rows is not: only the order of both tells whose a row is. */
function touchedByOthers(lines: readonly LogLine[]): (line: LogLine) => boolean {
  const others = new Set(
    lines.flatMap(({ mine, settled, key, keyNow }) =>
      mine || settled ? [] : [JSON.stringify(key), ...(keyNow ? [JSON.stringify(keyNow)] : [])],
    ),
  )
  return ({ key, keyNow }) => others.has(JSON.stringify(key)) || (keyNow !== null && others.has(JSON.stringify(keyNow)))
}

async function inTransaction(client: OwnClient, signal: Signal, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    await client.run([rollback], signal).catch(() => {})
    throw error
  }
}
