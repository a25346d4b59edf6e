/** Puts removed rows back, or takes the mark off rows that were only marked as deleted. */
import type { BackedUp, ResourceId, RestoreOutcome } from '@dustpan/core/driver'
import {
  type LostRow,
  lostRows,
  presentRowOutcome,
  type RestoreOutcomes,
  rowBack,
  rowBackChanged,
  rowNotBack,
  rowsToInsert,
} from '@dustpan/core/rows'
import { readable, readableTable } from '../names.ts'
import type { Batch } from '../removal/batches.ts'
import type { Answer, Sql } from '../removal/exchange.ts'
import { isReferred } from '../removal/outcomes.ts'
import type { StoreClient } from '../removal/own-client.ts'
import { inTransaction } from '../removal/transaction.ts'
import { insertAllSql, insertSql, unmarkSql } from './put-back-sql.ts'
import { isUnanswered, refusedBy } from './restored.ts'
import { exactly, type Fields, rowsIn, rowsSql } from './row-texts.ts'

export type Lost = LostRow<Batch, Fields>

/** `batches` hold the targets whose tables exist; `now` holds the rows that have their keys now. Parents are inserted first. */
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
    const current = now.get(idOf(lost))
    const outcome = obstacle(lost) ?? (current && (await unmark(client, lost, current, signal)))
    if (outcome) restored.set(idOf(lost), outcome)
  }
  const due = rowsToInsert(rows, restored, refersTo)
  if (!(await insertedTogether(client, due, restored, signal))) {
    for (const part of byTable(due)) await insertInHalves(client, part, restored, signal)
  }
  return restored
}

const idOf = ({ backedUp }: Lost): ResourceId => backedUp.target.id

/** The outcome for a row that no statement can restore; undefined for others. */
function obstacle({ backedUp, batch: { table, columns }, fields }: Lost): RestoreOutcome | undefined {
  // Generated columns are not in backups: the database computes them again.
  const key = columns.find((name) => fields[name] === undefined && table.written.includes(name))
  if (key !== undefined)
    return rowNotBack(backedUp, `the column ${readable(key)} of its key was left out of the backup`)
  const gone = Object.keys(fields).find((name) => !table.written.includes(name))
  if (gone === undefined) return undefined
  return rowNotBack(backedUp, `${readableTable(table)} has no column ${readable(gone)} any more that can be written`)
}

async function unmark(client: StoreClient, lost: Lost, now: Fields, signal: AbortSignal): Promise<RestoreOutcome> {
  const { backedUp, batch, fields } = lost
  const changed = Object.keys(fields).filter((name) => fields[name] !== now[name])
  const marks = Object.keys(batch.set ?? {})
  const outsideMark = changed.filter((name) => !marks.includes(name)).map(readable)
  const asPresent = presentRowOutcome(backedUp, { differing: changed, outsideMark, isMarked: marks.length > 0 })
  if (asPresent) return asPresent
  try {
    const isDone = ([, , answer]: readonly Answer[]) => answer?.count === 1
    const [, , answer] = await inTransaction(client, [exactly, unmarkSql(lost, changed, now)], isDone, signal)
    return answer?.count === 1 ? { state: 'restored', result: 'unmarked' } : rowNotBack(backedUp, 'it is being changed')
  } catch (error) {
    if (isUnanswered(error)) throw error
    return refusedBy(backedUp, error)
  }
}

function refersTo(child: Lost, { batch: { table }, fields }: Lost): boolean {
  return table.referencedBy.some(
    ({ oid, columns, parentColumns }) =>
      Number(oid) === Number(child.batch.table.oid) &&
      columns.every((name, i) => {
        const value = child.fields[name]
        return value != null && value === fields[parentColumns[i] ?? '']
      }),
  )
}

/**
 * Groups consecutive rows of one table with the same columns, so that parents stay before their children. Each group stays
 * below the parameter limit of a statement.
 */
function byTable(rows: readonly Lost[]): readonly (readonly Lost[])[] {
  const parts: Lost[][] = []
  for (const lost of rows) {
    const last = parts.at(-1)
    const first = last?.[0]
    const columns = Object.keys(lost.fields)
    const isSameGroup =
      first && first.batch.table === lost.batch.table && Object.keys(first.fields).join('\n') === columns.join('\n')
    if (last && isSameGroup && (last.length + 1) * columns.length < maxValues) last.push(lost)
    else parts.push([lost])
  }
  return parts
}

const maxValues = 60_000

/**
 * Inserts all rows in one transaction; false when nothing was inserted. Rows of several tables that refer to each other
 * need a single statement.
 */
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
      if (isUnanswered(error)) throw error
      const values = rows.reduce((sum, { fields }) => sum + Object.keys(fields).length, 0)
      if (!isReferred(error) || parts.length === 1 || values > maxValues) return false
    }
  }
  return false
}

type Insertions = (parts: readonly (readonly Lost[])[]) => readonly Sql[]
const oneByOne: Insertions = (parts) => parts.map(insertSql)
/** Foreign keys are checked at the end of the statement. */
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
    if (isUnanswered(error)) throw error
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
 * Inserts rows and checks them before the commit, because triggers may interfere. A row that got another key would belong
 * to nobody: if a row is not found, the transaction is rolled back, and the others are inserted without it.
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
    const missing = rows.filter((lost) => !now.has(idOf(lost)))
    for (const lost of missing.length > 0 ? missing : rows)
      outcomes.set(idOf(lost), outcomeOf(lost, now.get(idOf(lost))))
    due = missing.length > 0 ? without(due, new Set(missing)) : []
  }
  return outcomes
}

/** The rows found by their keys after the insertion, which is rolled back unless all are found. */
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

function without(parts: readonly (readonly Lost[])[], missing: ReadonlySet<Lost>): readonly (readonly Lost[])[] {
  return parts.map((part) => part.filter((lost) => !missing.has(lost))).filter(({ length }) => length > 0)
}

function outcomeOf({ fields, backedUp }: Lost, now: Fields | undefined): RestoreOutcome {
  if (!now) return rowNotBack(backedUp, 'a trigger or a rule keeps it away, or gave it another key')
  const changed = Object.keys(fields).filter((name) => fields[name] !== now[name])
  return changed.length === 0 ? rowBack : rowBackChanged(changed.map(readable))
}
