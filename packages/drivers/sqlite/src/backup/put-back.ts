/** Reinserts removed rows, and unmarks rows that were only marked as deleted. */
import { isDeepStrictEqual } from 'node:util'
import {
  type BackedUp,
  messageOf,
  type RemovalContext,
  type ResourceId,
  type RestoreOutcome,
} from '@dustpan/core/driver'
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
import { quoted } from '../quote.ts'
import { type Batch, sortTargets } from '../removal/batches.ts'
import type { OpenStore } from '../removal/connection.ts'
import { type ForeignKey, readForeignKeys } from '../removal/foreign-keys.ts'
import { isBusy, isConstraint } from '../removal/outcomes.ts'
import { attempt, RolledBack, removing } from '../removal/transact.ts'
import { tableName } from '../rows.ts'
import { readTables, sameName, type Table } from '../tables.ts'
import { type Fields, readRows, writtenColumns } from './read-rows.ts'
import { fromJson } from './value.ts'

type Lost = LostRow<Batch, Fields>

/** Checks foreign keys at the end, as rows may refer to each other; if that fails, at each row. Inserts parents first. */
export function putBackRows(open: OpenStore, backups: readonly BackedUp[], ctx: RemovalContext): RestoreOutcomes {
  try {
    return putBackIn(open, backups, ctx.deadline)
  } catch (error) {
    const isRolledBack = error instanceof RolledBack
    if (isRolledBack && backups.length > 1) return new Map(backups.flatMap((one) => [...putBackRows(open, [one], ctx)]))
    if (!isRolledBack && !isBusy(error)) throw error
    const why = isRolledBack ? error.message : 'somebody else is writing to the database'
    return new Map(backups.map((one) => [one.target.id, rowNotBack(one, why, error)]))
  }
}

function putBackIn(open: OpenStore, backups: readonly BackedUp[], deadline: number): RestoreOutcomes {
  try {
    return removing(open, deadline, () => putBackAll(open, backups))
  } catch (error) {
    if (!isConstraint(error)) throw error
  }
  return removing(open, deadline, () => {
    open.client.exec('PRAGMA defer_foreign_keys = OFF')
    return putBackAll(open, backups)
  })
}

function putBackAll(open: OpenStore, backups: readonly BackedUp[]): RestoreOutcomes {
  const restored: RestoreOutcomes = new Map()
  const tables = readTables(open.client).filter(({ schema }) => schema === open.schema)
  const { batches } = sortTargets(
    open,
    tables,
    backups.map(({ target }) => target),
  )
  const rows = lostRows<Batch, Fields>(backups, batches, restored, 'its table no longer exists, or was replaced')
  const now = readRows(open, batches)
  for (const lost of rows) {
    const outcome = unfitOutcome(lost) ?? present(open, lost, now.get(idOf(lost)))
    if (outcome) restored.set(idOf(lost), outcome)
  }
  const keys = readForeignKeys(open.client, open.schema, tables)
  const due = rowsToInsert(rows, restored, (child, parent) => keys.some((key) => refersBy(key, child, parent)))
  for (const lost of due) restored.set(idOf(lost), insert(open, lost))
  reportChanged(open, batches, due, restored)
  return restored
}

const idOf = ({ backedUp }: Lost): ResourceId => backedUp.target.id

/** The outcome for a row that no statement can restore. */
function unfitOutcome({ backedUp, batch: { lookup }, fields }: Lost): RestoreOutcome | undefined {
  const names = Object.keys(fields)
  const key = lookup.table.key.find((column) => !names.some((name) => sameName(name, column)))
  if (key !== undefined) return rowNotBack(backedUp, `the column ${key} of its key was left out of the backup`)
  const gone = names.find((name) => !writtenColumns(lookup.table).includes(name))
  if (gone === undefined) return undefined
  return rowNotBack(backedUp, `${lookup.table.name} has no column ${gone} any more that can be written`)
}

function present(open: OpenStore, lost: Lost, now: Fields | undefined): RestoreOutcome | undefined {
  if (!now) return undefined
  const { backedUp, batch, fields } = lost
  const other = otherColumns(fields, now)
  const marks = Object.keys(batch.set ?? {})
  const outsideMark = other.filter((name) => !marks.some((mark) => sameName(mark, name)))
  const asPresent = presentRowOutcome(backedUp, { differing: other, outsideMark, isMarked: batch.set !== undefined })
  if (asPresent) return asPresent
  return trying(open, lost, { state: 'restored', result: 'unmarked' }, () => unmark(open, lost, other))
}

function otherColumns(fields: Fields, now: Fields): readonly string[] {
  return Object.keys(fields).filter((name) => !isDeepStrictEqual(fields[name], now[name]))
}

/**
 * Must run in the transaction in which the row was read. `OR ABORT`: a constraint's own conflict clause must not replace another
 * row.
 */
function unmark({ client }: OpenStore, { batch: { lookup }, fields }: Lost, other: readonly string[]): number {
  const set = other.map((name) => `${quoted(name)} = ?`)
  const key = lookup.table.key
  const where = key.map((name) => `${quoted(name)} = ?`)
  const values = [...other, ...key].map((name) => fromJson(fields[name] ?? null))
  return client.run(
    `UPDATE OR ABORT ${tableName(lookup.table)} SET ${set.join(', ')} WHERE ${where.join(' AND ')}`,
    ...values,
  )
}

function insert(open: OpenStore, lost: Lost): RestoreOutcome {
  const names = Object.keys(lost.fields)
  const sql = `INSERT OR ABORT INTO ${tableName(lost.batch.lookup.table)} (${names.map(quoted).join(', ')}) VALUES (${names.map(() => '?').join(', ')})`
  const values = names.map((name) => fromJson(lost.fields[name] ?? null))
  return trying(open, lost, rowBack, () => open.client.run(sql, ...values))
}

function trying(open: OpenStore, { backedUp }: Lost, done: RestoreOutcome, change: () => number): RestoreOutcome {
  try {
    const changes = attempt(open.client, change)
    if (changes === 0) return rowNotBack(backedUp, 'a trigger keeps it away')
    return done
  } catch (error) {
    // SQLite's messages contain column names, and no values.
    return rowNotBack(backedUp, messageOf(error), error)
  }
}

function refersBy({ child: table, from, parent: to, to: columns }: ForeignKey, child: Lost, parent: Lost): boolean {
  if (!isOf(child, table) || !isOf(parent, to)) return false
  return from.every((name, i) => {
    const value = valueIn(child.fields, name)
    return value !== null && isDeepStrictEqual(value, valueIn(parent.fields, columns[i] ?? ''))
  })
}

const isOf = ({ batch }: Lost, table: Table): boolean => batch.lookup.table.name === table.name

function valueIn(fields: Fields, column: string): Fields[string] {
  return Object.entries(fields).find(([name]) => sameName(name, column))?.[1] ?? null
}

/** Reports rows that a trigger changed after they were inserted. */
function reportChanged(
  open: OpenStore,
  batches: readonly Batch[],
  rows: readonly Lost[],
  restored: RestoreOutcomes,
): void {
  const now = readRows(open, batches)
  for (const lost of rows) {
    if (restored.get(idOf(lost)) !== rowBack) continue
    const is = now.get(idOf(lost))
    const other = is && otherColumns(lost.fields, is)
    if (!other) restored.set(idOf(lost), rowNotBack(lost.backedUp, 'a trigger gave it another key, or removed it'))
    else if (other.length > 0) restored.set(idOf(lost), rowBackChanged(other))
  }
}
