/** Puts rows back that were removed, or takes the mark off those that were only marked as deleted. */
import {
  type BackedUp,
  type LostRow,
  lostRows,
  type ResourceId,
  type RestoreOutcome,
  type RestoreOutcomes,
  rowAsPresent,
  rowBack,
  rowBackChanged,
  rowNotBack,
  rowsToInsert,
} from '@dustpan/core/driver'
import { readable, readableTable } from '../names.ts'
import type { Batch } from '../removal/batches.ts'
import type { Answer, Sql } from '../removal/exchange.ts'
import { isReferred } from '../removal/outcomes.ts'
import type { StoreClient } from '../removal/own-client.ts'
import { inTransaction } from '../removal/transaction.ts'
import { insertAllSql, insertSql, unmarkSql } from './put-back-sql.ts'
import { isUnsent, refusedBy } from './restored.ts'
import { exactly, type Fields, rowsIn, rowsSql } from './row-texts.ts'

export type Lost = LostRow<Batch, Fields>

/** `batches`: of the targets whose tables are there. `now`: what has their keys. Parents come first. */
export async function putBackRows(
  client: StoreClient,
  backups: readonly BackedUp[],
  batches: readonly Batch[],
  now: ReadonlyMap<ResourceId, Fields>,
  signal: AbortSignal,
): Promise<RestoreOutcomes> {
  const restored: RestoreOutcomes = new Map()
  const rows = lostRows<Batch, Fields>(backups, batches, restored)
  for (const lost of rows) {
    const its = now.get(idOf(lost))
    const outcome = unfitness(lost) ?? (its && (await unmark(client, lost, its, signal)))
    if (outcome) restored.set(idOf(lost), outcome)
  }
  const due = rowsToInsert(rows, restored, refersTo)
  if (!(await insertedTogether(client, due, restored, signal))) {
    for (const part of byTable(due)) await insertInHalves(client, part, restored, signal)
  }
  return restored
}

const idOf = ({ backedUp }: Lost): ResourceId => backedUp.target.id

/** What no statement can bring back. */
function unfitness({ backedUp, batch: { shape, columns }, fields }: Lost): RestoreOutcome | undefined {
  // What is computed is in no backup, and comes back by itself.
  const key = columns.find((name) => fields[name] === undefined && shape.written.includes(name))
  if (key !== undefined)
    return rowNotBack(backedUp, `the column ${readable(key)} of its key was left out of the backup`)
  const gone = Object.keys(fields).find((name) => !shape.written.includes(name))
  if (gone === undefined) return undefined
  return rowNotBack(backedUp, `${readableTable(shape)} has no column ${readable(gone)} any more that can be written`)
}

async function unmark(client: StoreClient, lost: Lost, now: Fields, signal: AbortSignal): Promise<RestoreOutcome> {
  const { backedUp, batch, fields } = lost
  const other = Object.keys(fields).filter((name) => fields[name] !== now[name])
  const marks = Object.keys(batch.set ?? {})
  const strange = other.filter((name) => !marks.includes(name)).map(readable)
  const asPresent = rowAsPresent(backedUp, { other, strange, isMarked: marks.length > 0 })
  if (asPresent) return asPresent
  try {
    const isDone = ([, , answer]: readonly Answer[]) => answer?.count === 1
    const [, , answer] = await inTransaction(client, [exactly, unmarkSql(lost, other, now)], isDone, signal)
    return answer?.count === 1 ? { state: 'restored', result: 'unmarked' } : rowNotBack(backedUp, 'it is being changed')
  } catch (error) {
    if (isUnsent(error)) throw error
    return refusedBy(backedUp, error)
  }
}

function refersTo(child: Lost, { batch: { shape }, fields }: Lost): boolean {
  return shape.referencedBy.some(
    ({ oid, columns, parentColumns }) =>
      Number(oid) === Number(child.batch.shape.oid) &&
      columns.every((name, i) => {
        const value = child.fields[name]
        return value != null && value === fields[parentColumns[i] ?? '']
      }),
  )
}

/** Neighbours of one table with the same columns: parents stay before their children. A statement takes so many values. */
function byTable(rows: readonly Lost[]): readonly (readonly Lost[])[] {
  const parts: Lost[][] = []
  for (const lost of rows) {
    const last = parts.at(-1)
    const first = last?.[0]
    const columns = Object.keys(lost.fields)
    const isAlike =
      first && first.batch.shape === lost.batch.shape && Object.keys(first.fields).join('\n') === columns.join('\n')
    if (last && isAlike && (last.length + 1) * columns.length < mostValues) last.push(lost)
    else parts.push([lost])
  }
  return parts
}

const mostValues = 60_000

/** All in one transaction; false: nothing of it was done. Rows of several tables that refer to each other go by one statement. */
async function insertedTogether(
  client: StoreClient,
  rows: readonly Lost[],
  restored: RestoreOutcomes,
  signal: AbortSignal,
): Promise<boolean> {
  if (rows.length === 0) return true
  const parts = byTable(rows)
  for (const insertions of [oneByOne, atOnce]) {
    try {
      for (const [id, outcome] of await insert(client, parts, signal, insertions)) restored.set(id, outcome)
      return true
    } catch (error) {
      if (isUnsent(error)) throw error
      const values = rows.reduce((sum, { fields }) => sum + Object.keys(fields).length, 0)
      if (!isReferred(error) || parts.length === 1 || values > mostValues) return false
    }
  }
  return false
}

type Insertions = (parts: readonly (readonly Lost[])[]) => readonly Sql[]
const oneByOne: Insertions = (parts) => parts.map(insertSql)
/** Foreign keys are checked at the end of a statement. */
const atOnce: Insertions = (parts) => [insertAllSql(parts)]

async function insertInHalves(
  client: StoreClient,
  rows: readonly Lost[],
  restored: RestoreOutcomes,
  signal: AbortSignal,
): Promise<void> {
  try {
    for (const [id, outcome] of await insert(client, [rows], signal)) restored.set(id, outcome)
  } catch (error) {
    if (isUnsent(error)) throw error
    if (rows.length === 1) {
      for (const { backedUp } of rows) restored.set(backedUp.target.id, refusedBy(backedUp, error))
      return
    }
    const middle = Math.ceil(rows.length / 2)
    await insertInHalves(client, rows.slice(0, middle), restored, signal)
    await insertInHalves(client, rows.slice(middle), restored, signal)
  }
}

/**
 * And looks at what came of it before it is for good: a trigger may have had its say. A row that it gave another key would be nobody's, so all is
 * taken back where a row is not found, and the others are tried without it.
 */
async function insert(
  client: StoreClient,
  parts: readonly (readonly Lost[])[],
  signal: AbortSignal,
  insertions: Insertions = oneByOne,
): Promise<RestoreOutcomes> {
  const outcomes: RestoreOutcomes = new Map()
  let due = parts
  while (due.length > 0) {
    const now = await insertIfWhole(client, due, signal, insertions)
    const rows = due.flat()
    const away = rows.filter((lost) => !now.has(idOf(lost)))
    for (const lost of away.length > 0 ? away : rows) outcomes.set(idOf(lost), outcomeOf(lost, now.get(idOf(lost))))
    due = away.length > 0 ? without(due, new Set(away)) : []
  }
  return outcomes
}

/** What is found by the rows' keys after their insertion, which is taken back unless that is all of them. */
async function insertIfWhole(
  client: StoreClient,
  parts: readonly (readonly Lost[])[],
  signal: AbortSignal,
  insertions: Insertions,
): Promise<ReadonlyMap<ResourceId, Fields>> {
  const rows = parts.flat()
  const batches = [...Map.groupBy(rows, ({ batch }) => batch)].map(([batch, members]) => ({
    ...batch,
    targets: members.map(({ backedUp }) => backedUp.target),
  }))
  const statements = insertions(parts)
  const found = (answers: readonly Answer[]) => {
    const looks = answers.slice(2 + statements.length)
    return new Map(batches.flatMap((batch, i) => [...(rowsIn(batch, looks.slice(2 * i, 2 * i + 2)) ?? [])]))
  }
  const isWhole = (answers: readonly Answer[]) => found(answers).size === rows.length
  return found(
    await inTransaction(
      client,
      [exactly, ...statements, ...batches.flatMap((batch) => rowsSql(batch))],
      isWhole,
      signal,
    ),
  )
}

function without(parts: readonly (readonly Lost[])[], away: ReadonlySet<Lost>): readonly (readonly Lost[])[] {
  return parts.map((part) => part.filter((lost) => !away.has(lost))).filter(({ length }) => length > 0)
}

function outcomeOf({ fields, backedUp }: Lost, now: Fields | undefined): RestoreOutcome {
  if (!now) return rowNotBack(backedUp, 'a trigger or a rule keeps it away, or gave it another key')
  const other = Object.keys(fields).filter((name) => fields[name] !== now[name])
  return other.length === 0 ? rowBack : rowBackChanged(other.map(readable))
}
