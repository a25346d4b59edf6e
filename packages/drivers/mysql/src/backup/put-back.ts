/** Reinserts removed rows, and unmarks rows that were only marked as deleted. */
import { type BackedUp, messageOf, type ResourceId, type RestoreOutcome } from '@dustpan/core/driver'
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
import { isServerError } from '../mysql2.ts'
import { quoteName, quoteTable, readable, readableTable } from '../names.ts'
import type { Batch } from '../removal/batches.ts'
import type { StoreClient } from '../removal/own-client.ts'
import { columnOf } from '../removal/statement-parts.ts'
import { begin, inTransaction } from '../removal/transaction.ts'
import { exactValue, type Fields, readRows, writtenColumns } from './read-rows.ts'

type Lost = LostRow<Batch, Fields>

/** `batches`: those of the targets whose tables exist. Inserts parents first. */
export async function putBackRows(
  client: StoreClient,
  backups: readonly BackedUp[],
  batches: readonly Batch[],
  signal: AbortSignal,
): Promise<RestoreOutcomes> {
  const restored: RestoreOutcomes = new Map()
  const now = await readRows(client, batches, signal)
  const rows = lostRows<Batch, Fields>(backups, batches, restored)
  for (const lost of rows) {
    const { id } = lost.backedUp.target
    const current = now.get(id)
    const outcome = unfitOutcome(lost) ?? (current && (await unmark(client, lost, current, signal)))
    if (outcome) restored.set(id, outcome)
  }
  const due = rowsToInsert(rows, restored, refersTo)
  await insertAll(client, due, restored, signal)
  reportChanged(due, await readRows(client, batches, signal), restored)
  return restored
}

/** The outcome for a row that no statement can restore. */
function unfitOutcome({ backedUp, batch: { table, columns }, fields }: Lost): RestoreOutcome | undefined {
  const key = columns.find((name) => fields[name] === undefined)
  if (key !== undefined)
    return rowNotBack(backedUp, `the column ${readable(key)} of its key was left out of the backup`)
  const written = new Set(writtenColumns(table).map(({ name }) => name))
  const gone = Object.keys(fields).find((name) => !written.has(name))
  if (gone === undefined) return undefined
  return rowNotBack(backedUp, `${readableTable(table)} has no column ${readable(gone)} any more that can be written`)
}

async function unmark(client: StoreClient, lost: Lost, now: Fields, signal: AbortSignal): Promise<RestoreOutcome> {
  const { backedUp, batch, fields } = lost
  const other = otherColumns(fields, now)
  const marks = Object.keys(batch.set ?? {}).map((name) => name.toLowerCase())
  const outsideMark = other.filter((name) => !marks.includes(name.toLowerCase()))
  const asPresent = presentRowOutcome(backedUp, { differing: other, outsideMark, isMarked: batch.set !== undefined })
  if (asPresent) return asPresent
  const set = other.map((name) => `${quoteName(name)} = ${valueIn(batch, name, fields)}`)
  const same = [...batch.columns, ...other].map((name) => `${quoteName(name)} <=> ${valueIn(batch, name, now)}`)
  const sql = `UPDATE ${quoteTable(batch.table)} SET ${set.join(', ')} WHERE ${same.join(' AND ')}`
  try {
    const [answer] = await client.run([sql], signal)
    return answer?.count === 1 ? { state: 'restored', result: 'unmarked' } : rowNotBack(backedUp, 'it changed just now')
  } catch (error) {
    return refusedBy(backedUp, error)
  }
}

function otherColumns(fields: Fields, now: Fields): readonly string[] {
  return Object.keys(fields).filter((name) => fields[name] !== now[name])
}

function refersTo(child: Lost, { batch: { table }, fields }: Lost): boolean {
  return table.referencedBy.some(
    ({ schema, table: name, columns, parentColumns }) =>
      schema === child.batch.table.schema &&
      name === child.batch.table.table &&
      columns.every((column, i) => {
        const value = child.fields[columnOf(child.batch.table, column).name]
        return value != null && value === fields[columnOf(table, parentColumns[i] ?? '').name]
      }),
  )
}

/** Inserts all rows in one transaction; if one fails, each by itself. */
async function insertAll(
  client: StoreClient,
  rows: readonly Lost[],
  restored: RestoreOutcomes,
  signal: AbortSignal,
): Promise<void> {
  if (rows.length === 0) return
  try {
    await inTransaction(client, signal, async () => {
      await client.run([begin, ...rows.map(insertSql)], signal)
      return true
    })
    for (const { backedUp } of rows) restored.set(backedUp.target.id, rowBack)
  } catch {
    for (const lost of rows) restored.set(lost.backedUp.target.id, await insertOne(client, lost, signal))
  }
}

async function insertOne(client: StoreClient, lost: Lost, signal: AbortSignal): Promise<RestoreOutcome> {
  try {
    await client.run([insertSql(lost)], signal)
    return rowBack
  } catch (error) {
    return refusedBy(lost.backedUp, error)
  }
}

function insertSql({ batch, fields }: Lost): string {
  const names = Object.keys(fields)
  const values = names.map((name) => valueIn(batch, name, fields))
  return `INSERT INTO ${quoteTable(batch.table)} (${names.map(quoteName).join(', ')}) VALUES (${values.join(', ')})`
}

function valueIn({ table }: Batch, name: string, fields: Fields): string {
  const column = table.columns.get(name)
  return column ? exactValue(column, fields[name]) : 'NULL'
}

/** Reports rows that a trigger changed after they were inserted. */
function reportChanged(rows: readonly Lost[], now: ReadonlyMap<ResourceId, Fields>, restored: RestoreOutcomes): void {
  for (const { backedUp, fields } of rows) {
    const { id } = backedUp.target
    if (restored.get(id) !== rowBack) continue
    const current = now.get(id)
    const other = current && otherColumns(fields, current)
    if (!other) restored.set(id, rowNotBack(backedUp, 'a trigger gave it another key'))
    else if (other.length > 0) restored.set(id, rowBackChanged(other))
  }
}

/** The server's own message contains values, so known errors get another text. */
function refusedBy(backedUp: BackedUp, error: unknown): RestoreOutcome {
  if (!isServerError(error)) return rowNotBack(backedUp, messageOf(error), error)
  return rowNotBack(backedUp, `${reasons[error.errno] ?? error.code} (${error.errno})`, error)
}

const reasons: { readonly [errno: number]: string } = {
  1062: 'another row has what must be unique',
  1452: 'what it refers to is not there',
  1146: 'its table no longer exists',
  1142: 'the user may not insert it',
}
