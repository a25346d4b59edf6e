/** Restores removed rows: inserts them again, or removes the mark if they were only marked as deleted. */
import { randomUUID } from 'node:crypto'
import {
  type BackedUp,
  DustpanError,
  type RemovalContext,
  type ResourceId,
  type RestoreOutcome,
} from '@dustpan/core/driver'
import { serverCode } from '../capture/rejection.ts'
import type { Batch, KeyTargets } from '../removal/batches.ts'
import { whereOf } from '../removal/batches.ts'
import { countByKey } from '../removal/count-by-key.ts'
import { beginMutation, followMutation } from '../removal/mutation.ts'
import { assignments } from '../removal/soft-deletion.ts'
import { quoteName } from '../sql/quote.ts'
import type { Server } from '../sql/server.ts'
import { type Table, tableName } from '../sql/table.ts'
import { rowsOf } from './backup.ts'
import { insertedColumns, isDecimal, type Row } from './read-rows.ts'

export type Restored = Map<ResourceId, RestoreOutcome>

interface Lost {
  readonly backedUp: BackedUp
  readonly key: KeyTargets
  readonly rows: readonly Row[]
}

export async function putBack(
  server: Server,
  batches: readonly Batch[],
  backups: readonly BackedUp[],
  ctx: RemovalContext,
): Promise<Restored> {
  const restored: Restored = new Map()
  for (const batch of batches) await putBackBatch(server, batch, backups, restored, ctx)
  for (const backedUp of backups)
    if (!restored.has(backedUp.target.id))
      restored.set(backedUp.target.id, notRestored(backedUp, 'its table no longer exists, or was replaced'))
  return restored
}

async function putBackBatch(
  server: Server,
  batch: Batch,
  backups: readonly BackedUp[],
  restored: Restored,
  ctx: RemovalContext,
): Promise<void> {
  const { table } = batch
  // Any row with the key counts, whatever its marks.
  const { match: _, set: __, ...any } = batch
  const there = await countByKey(server, { ...any, match: {}, set: undefined }, { signal: ctx.signal })
  const absent: Lost[] = []
  for (const lost of lostRows(batch, backups, restored)) {
    const why = reasonUnfit(table, lost)
    if (why !== undefined) restored.set(lost.backedUp.target.id, notRestored(lost.backedUp, why))
    else if (there(lost.key) === 0) absent.push(lost)
    else restored.set(lost.backedUp.target.id, await unmark(server, batch, lost, ctx))
  }
  for (const [id, outcome] of await insertAll(server, table, absent, ctx)) restored.set(id, outcome)
}

function lostRows(batch: Batch, backups: readonly BackedUp[], restored: Restored): readonly Lost[] {
  const keyOf = new Map(batch.keys.flatMap((key) => key.targets.map(({ id }) => [id, key] as const)))
  return backups.flatMap((backedUp): readonly Lost[] => {
    const key = keyOf.get(backedUp.target.id)
    const rows = rowsOf(backedUp.backup)
    if (key && rows) return [{ backedUp, key, rows }]
    if (key) restored.set(backedUp.target.id, notRestored(backedUp, 'the backup has no rows'))
    return []
  })
}

function reasonUnfit(table: Table, { rows: [row = {}] }: Lost): string | undefined {
  const gone = Object.keys(row).find((column) => !insertedColumns(table).includes(column))
  if (gone !== undefined) return `${table.name} has no column ${gone} any more that can be written`
  const key = table.sortingKey.find((column) => !Object.hasOwn(row, column) && insertedColumns(table).includes(column))
  return key === undefined ? undefined : `the column ${key} of its key was left out of the backup`
}

/** Undoes the mark on rows that were marked as deleted; any other row means that the key is taken. */
async function unmark(server: Server, batch: Batch, lost: Lost, ctx: RemovalContext): Promise<RestoreOutcome> {
  const { table, set } = batch
  const { set: _, ...all } = batch
  const marked = await countByKey(server, { ...all, set: undefined, keys: [lost.key] }, { signal: ctx.signal })
  const unmarked = await countByKey(server, { ...batch, keys: [lost.key] }, { signal: ctx.signal })
  const [first = {}, ...others] = lost.rows
  const isMarked = set && unmarked(lost.key) === 0 && marked(lost.key) === lost.rows.length
  if (!isMarked) return notRestored(lost.backedUp, 'another row has its key')
  const marks = Object.keys(set)
  if (others.some((row) => marks.some((mark) => JSON.stringify(row[mark]) !== JSON.stringify(first[mark]))))
    return notRestored(lost.backedUp, 'its rows were not alike before they were marked')
  const before = Object.fromEntries(marks.map((mark) => [mark, first[mark] as string | number | null]))
  const name = `dustpan-${randomUUID()}`
  const where = whereOf({ ...all, set: undefined }, [lost.key])
  await beginMutation(server, table, { name, where, assignments: assignments(table, before) }, { signal: ctx.signal })
  const end = await followMutation(server, table, name, ctx)
  return end.state === 'done' || end.state === 'unknown'
    ? { state: 'restored', result: 'unmarked' }
    : notRestored(lost.backedUp, 'its mutation goes on')
}

/** One statement per set of columns. */
async function insertAll(server: Server, table: Table, lost: readonly Lost[], ctx: RemovalContext): Promise<Restored> {
  const byColumns = Map.groupBy(lost, ({ rows: [row = {}] }) => JSON.stringify(Object.keys(row)))
  const restored: Restored = new Map()
  for (const some of byColumns.values()) {
    const outcome = await insert(server, table, some, ctx)
    for (const one of some) {
      const { backedUp, rows } = one
      const count = rows.length === 1 ? '1 row' : `${rows.length} rows`
      restored.set(
        backedUp.target.id,
        outcome === undefined
          ? { state: 'restored', result: count }
          : notRestored(backedUp, `the server did not take it (code ${serverCode(outcome) ?? 'none'})`),
      )
    }
  }
  return restored
}

/** Returns the error, if there is one. */
async function insert(
  server: Server,
  table: Table,
  lost: readonly Lost[],
  { signal }: RemovalContext,
): Promise<unknown> {
  const columns = Object.keys(lost[0]?.rows[0] ?? {})
  const lines = lost.flatMap(({ rows }) =>
    rows.map((row) => `{${columns.map((name) => field(table, name, row)).join()}}`),
  )
  const into = `INSERT INTO ${tableName(table)} (${columns.map(quoteName).join(', ')})`
  try {
    await server.run(`${into} FORMAT JSONEachRow\n${lines.join('\n')}\n`, { signal })
    return undefined
  } catch (error) {
    return error
  }
}

/** Backups have decimals as strings, which an old server does not accept. */
function field(table: Table, column: string, row: Row): string {
  const value = row[column] ?? null
  const isNumber = typeof value === 'string' && isDecimal(table, column) && /^-?[\d.]+$/.test(value)
  return `${JSON.stringify(column)}:${isNumber ? value : JSON.stringify(value)}`
}

function notRestored({ target: { type, key } }: BackedUp, why: string): RestoreOutcome {
  const message = `${type} ${JSON.stringify(key)} was not put back: ${why}`
  const hint = 'Nothing was overwritten; its backup is kept'
  return { state: 'failed', error: new DustpanError('DUSTPAN_RESTORE_FAILED', message, { hint }) }
}
