/**
 * Turns log lines into recorded rows: reads the lines, works out the remaining rows, strikes the lines off and records the
 * rows, and only then commits the striking.
 */
import type { CollectRequest, Json, RemovalContext } from '@dustpan/core/driver'
import { typeOf } from '../names.ts'
import { isOfTable } from '../removal/look-apart.ts'
import type { OwnClient } from '../removal/own-client.ts'
import { begin, commit, rollback } from '../removal/transaction.ts'
import { changedSetsOf, heldLines, presentKeys } from './changed-sets.ts'
import { byTable, type Found, foundIn, looksAt, touchedByOthers, withCurrentKey } from './found-rows.ts'
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
  const lines = found.rows.map(([line]) => withCurrentKey(lineOf(line ?? ''), relations))
  const all = { lines, tables: byTable(lines, relations).filter(({ relation }) => !isNamedIn(ignored, relation)) }
  const { tables: logged, unread } = await takeReadable(client, all, restores, request, signal)
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

interface Taken extends Logged {
  readonly unread: readonly UnreadTable[]
}

/** Takes and records all lines; where the server refuses to read some tables, all but the lines of those tables. */
async function takeReadable(
  client: OwnClient,
  all: Logged,
  restores: RestoresTable,
  request: CollectRequest,
  signal: Signal,
): Promise<Taken> {
  try {
    await recordRows(client, all, restores, request, signal)
    return { ...all, unread: [] }
  } catch (error) {
    const unread = isOfTable(error) ? await findUnread(client, all.tables, restores, signal) : []
    if (unread.length === 0) throw error
    const rest = withoutUnread(all, unread)
    await recordRows(client, rest, restores, request, signal)
    return { ...rest, unread }
  }
}

function withoutUnread({ lines, tables }: Logged, unread: readonly UnreadTable[]): Logged {
  const isUnread = ({ relation }: TableLines) => unread.some((one) => one.relation.oid === relation.oid)
  const left = new Set(tables.filter(isUnread).flatMap((table) => table.lines))
  return { lines: lines.filter((line) => !left.has(line)), tables: tables.filter((table) => !isUnread(table)) }
}

async function findUnread(
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

async function recordRows(
  client: OwnClient,
  { lines, tables }: Logged,
  restores: RestoresTable,
  request: CollectRequest,
  signal: Signal,
): Promise<void> {
  await inTransaction(client, signal, async () => {
    const { rows, changed } = await takeLines(client, lines, foundIn(tables, restores), signal)
    const isKnown = (type: string, key: Json) => request.isKnown(client.answering, type, key)
    for (const rows of changed) request.notCreated(client.answering, typeOf(rows.relation), presentKeys(rows))
    request.record(client.answering, [
      ...changed.flatMap(changedSetsOf),
      ...rows.flatMap((ofTable) => setsOf(ofTable, isKnown)),
    ])
    await client.run([commit], signal)
  })
}

interface TableChoice {
  readonly ignored: readonly string[]
  readonly restores: RestoresTable
}

/** Takes the lines out of the log within the open transaction, and gives the rows that no other collector took first. */
async function takeLines(
  client: OwnClient,
  lines: readonly LogLine[],
  { rows, changed }: Found,
  signal: Signal,
): Promise<Found> {
  const held = heldLines(changed)
  const isTouched = touchedByOthers(lines)
  const done = lines.filter((line) => line.mine && !held.has(line))
  const strikes = [strikeSql(done.filter((line) => !isTouched(line))), settleSql(done.filter(isTouched))]
  if (held.size > 0) strikes.push(holdSql([...held]))
  const { looks, looksBack } = looksAt({ rows, changed })
  const all = [begin, asyncCommit, ...strikes, ...looks.map(lookSql), ...looksBack]
  const answers = (await client.run(all, signal)).slice(2)
  const ids = new Set(answers.splice(0, strikes.length).flatMap((answer) => answer.rows.map(([id]) => Number(id))))
  const seen = new Map(looks.map((look, index) => [look, answers[index]]))
  return {
    rows: rows.map((logged) => {
      const answer = seen.get(logged)
      const { relation, rows } = answer ? seenRows(logged, answer) : logged
      return { relation, rows: rows.filter(({ line }) => ids.has(line.id)) }
    }),
    changed: changed.map(({ relation, changes }) => ({
      relation,
      changes: changes.filter(({ first, last }) => ids.has(first.id) && ids.has(last.id)),
    })),
  }
}

/** If a crash of the server brings a line back, its row is already on record. */
const asyncCommit = { text: 'SET LOCAL synchronous_commit TO off', values: [] }

async function inTransaction(client: OwnClient, signal: Signal, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    await client.run([rollback], signal).catch(() => {})
    throw error
  }
}
