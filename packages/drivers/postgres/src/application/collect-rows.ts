/** From the log's lines to rows on record: read, reckon, strike, record; only then is the striking for good. */
import type { CollectRequest, Json, RemovalContext } from '@dustpan/core/driver'
import { typeOf } from '../names.ts'
import { isOfTable } from '../removal/look-apart.ts'
import type { OwnClient } from '../removal/own-client.ts'
import { begin, commit, rollback } from '../removal/transaction.ts'
import { changedSetsOf, heldLines, standingKeys } from './changed-sets.ts'
import { byTable, type Found, foundIn, looksAt, touchedByOthers, withKeyOfToday } from './found-rows.ts'
import { isNamedIn } from './installation.ts'
import { holdSql, type LineFilter, type LogLine, lineOf, linesSql, settleSql, strikeSql } from './log-lines.ts'
import { relationsIn } from './logged-tables.ts'
import { lookSql, seenRows, setsOf } from './present-rows.ts'
import type { RestoresTable } from './restored-tables.ts'
import {
  type TableLines,
  type UnreadTable,
  warnOfRewritten,
  warnOfStray,
  warnOfTrouble,
  warnOfUnread,
} from './uncertain-rows.ts'

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
  const all = { lines, tables: byTable(lines, relations).filter(({ relation }) => !isNamedIn(ignored, relation)) }
  const { tables: logged, unread } = await takenWhereRead(client, all, restores, request, signal)
  warnOfUnread(unread, warn)
  warnOfTrouble(
    lines.filter(({ mine }) => mine),
    relations,
    warn,
  )
  warnOfStray(logged, warn)
  await warnOfRewritten(client, logged, signal, warn)
}

interface Logged {
  readonly lines: readonly LogLine[]
  readonly tables: readonly TableLines[]
}

interface Took extends Logged {
  readonly unread: readonly UnreadTable[]
}

/** Takes and records all; where the server refuses a look at some tables, all but what the log has of these. */
async function takenWhereRead(
  client: OwnClient,
  all: Logged,
  restores: RestoresTable,
  request: CollectRequest,
  signal: Signal,
): Promise<Took> {
  try {
    await recorded(client, all, restores, request, signal)
    return { ...all, unread: [] }
  } catch (error) {
    const unread = isOfTable(error) ? await unreadAmong(client, all.tables, restores, signal) : []
    if (unread.length === 0) throw error
    const rest = without(all, unread)
    await recorded(client, rest, restores, request, signal)
    return { ...rest, unread }
  }
}

function without({ lines, tables }: Logged, unread: readonly UnreadTable[]): Logged {
  const isUnread = ({ relation }: TableLines) => unread.some((one) => one.relation.oid === relation.oid)
  const left = new Set(tables.filter(isUnread).flatMap((table) => table.lines))
  return { lines: lines.filter((line) => !left.has(line)), tables: tables.filter((table) => !isUnread(table)) }
}

async function unreadAmong(
  client: OwnClient,
  tables: readonly TableLines[],
  restores: RestoresTable,
  signal: Signal,
): Promise<readonly UnreadTable[]> {
  const unread: UnreadTable[] = []
  for (const table of tables) {
    const { looks, looksBack } = looksAt(foundIn([table], restores))
    try {
      await inTransaction(client, signal, async () => {
        await client.run([begin, ...looks.map(lookSql), ...looksBack, rollback], signal)
      })
    } catch (error) {
      if (!isOfTable(error)) throw error
      unread.push({ relation: table.relation, error })
    }
  }
  return unread
}

async function recorded(
  client: OwnClient,
  { lines, tables }: Logged,
  restores: RestoresTable,
  request: CollectRequest,
  signal: Signal,
): Promise<void> {
  await inTransaction(client, signal, async () => {
    const { rows, changed } = await taken(client, lines, foundIn(tables, restores), signal)
    const isKnown = (type: string, key: Json) => request.isKnown(client.answering, type, key)
    for (const one of changed) request.notCreated(client.answering, typeOf(one.relation), standingKeys(one))
    request.record(client.answering, [
      ...changed.flatMap(changedSetsOf),
      ...rows.flatMap((its) => setsOf(its, isKnown)),
    ])
    await client.run([commit], signal)
  })
}

interface TableChoice {
  readonly ignored: readonly string[]
  readonly restores: RestoresTable
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
  const { looks, looksBack } = looksAt({ rows, changed })
  const all = [begin, lazily, ...parts, ...looks.map(lookSql), ...looksBack]
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

/** A line that a crash of the server brings back is of a row that is on record. */
const lazily = { text: 'SET LOCAL synchronous_commit TO off', values: [] }

async function inTransaction(client: OwnClient, signal: Signal, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    await client.run([rollback], signal).catch(() => {})
    throw error
  }
}
