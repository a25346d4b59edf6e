/** Tracks an insert of a test: the intent before it, the record after it. */
import type { CaptureSink, CreatedSet, Json, PendingCreate, Proof } from '@dustpan/core/driver'
import type { Client, Settings } from '../library.ts'
import { rowRemoval } from '../removal/spec.ts'
import { writtenName } from '../sql/quote.ts'
import { merges, type Table } from '../sql/table.ts'
import { cancels, noteCancelled } from './cancelled-rows.ts'
import type { ClientSession, Found } from './client-session.ts'
import type { InsertPlan } from './insert-plan.ts'
import { markOwnCall } from './own-calls.ts'
import { findReinserted, noneReinserted, type Reinserted, type ReinsertedRows } from './reinserted-rows.ts'
import { leftoverOf, serverCode } from './rejection.ts'
import { noteUnknown, removedFrom } from './removed-rows.ts'
import type { KeyedRows } from './row-keys.ts'
import { type RowsBefore, rowsBefore, rowsBeforeStream, rowsNow } from './rows-before.ts'
import { unlessAborted } from './unless-aborted.ts'
import { inUnreadForm, warnOfMore, warnOfRemoved, warnOfUntracked, warnOfViews, withoutKey } from './warnings.ts'

export const kind = '@dustpan/clickhouse'

export interface Call<Params extends object> {
  readonly client: Client
  readonly session: ClientSession
  readonly sink: CaptureSink
  readonly begin: CaptureSink['begin']
  /** The name, as the call writes it. */
  readonly table: string
  /** Settings in the statement itself. */
  readonly settings?: Settings
  readonly params: Params & {
    readonly abort_signal?: AbortSignal
    readonly clickhouse_settings?: { readonly [name: string]: string | number }
  }
  run(params: Params): Promise<unknown>
  /** `unmarked`: without the marker, because the rows may be existing ones. */
  plan(table: Table, unmarked?: 'unmarked'): InsertPlan<Params> | undefined
}

export async function capturedInsert<Params extends object>(call: Call<Params>): Promise<unknown> {
  const { params, begin } = call
  const runUnchanged = () => call.run(markOwnCall({ ...params }))
  const found = await unlessAborted(findTable(call), params.abort_signal)
  if (!found) return runUnchanged()
  if (storesNothing(found.table)) {
    if (call.sink.active) warnOfViews(call.sink, found.table)
    return runUnchanged()
  }
  if (removedFrom({ store: found.store, table: found.table.name })?.isUnknown) {
    if (call.sink.active) warnOfRemoved(call.sink, found.table)
    return runUnchanged()
  }
  const plan = await planFor(call, found)
  if (!plan) return runUntracked(call, found, inUnreadForm, runUnchanged)
  if (plan.ahead && plan.keys.count > 0 && plan.keys.columns.length === 0)
    return runUntracked(call, found, withoutKey(found.table, plan.keys), runUnchanged)
  const { name } = found.table
  const pending = begin({ kind, store: { id: found.store }, type: name, via: `INSERT INTO ${name}` })
  if (!pending) return runUnchanged()
  warnOfViews(call.sink, found.table)
  return runTracked(call, found, plan, pending)
}

/** Leaves out the marker if the insert may restore existing rows. */
async function planFor<Params extends object>(
  call: Call<Params>,
  found: Found,
): Promise<InsertPlan<Params> | undefined> {
  const plan = call.plan(found.table)
  if (!plan?.ahead || plan.marked() === undefined) return plan
  const reinserted = await reinsertedRows(call, found, plan)
  return reinserted === 'unknown' || reinserted.isAny ? call.plan(found.table, 'unmarked') : plan
}

function reinsertedRows<Params extends object>(
  { session }: Call<Params>,
  found: Found,
  { keys }: InsertPlan<Params>,
): Reinserted | Promise<Reinserted> {
  const removed = removedFrom({ store: found.store, table: found.table.name })
  return removed ? findReinserted(removed, session, found, keys) : noneReinserted
}

async function runTracked<Params extends object>(
  call: Call<Params>,
  found: Found,
  plan: InsertPlan<Params>,
  pending: PendingCreate,
): Promise<unknown> {
  const { table } = found
  const context = { session: call.session, table, plan }
  const before = await unlessAborted(rowsBefore(context), call.params.abort_signal).catch((error: unknown) => {
    pending.none('rejected')
    throw error
  })
  const existing = countDuplicates(table, plan, before)
  const late = call.session.isAsynchronous({ ...call.params.clickhouse_settings, ...call.settings })
  const settle = async (isLate: boolean, isSure: boolean) => {
    const rows = plan.ahead || before === 'unknown' ? before : await rowsBeforeStream(context, isSure)
    const reinserted = await reinsertedRows(call, found, plan)
    record(call, found, plan, pending, { rows, reinserted }, isLate)
    if (cancels(table)) await noteCancelled(call, found, plan.keys, rows)
  }
  try {
    const result = await call.run(markOwnCall(plan.params))
    const isWritten = late || existing === 0 || (await rowsNow(context)) !== existing
    if (isWritten) await settle(late, !late)
    else pending.none('not-a-creation')
    return result
  } catch (error) {
    if ([16, 60, 81].includes(serverCode(error) ?? 0)) call.session.forget()
    const leftover = leftoverOf(error, plan.keys.count, table)
    if (leftover === 'nothing') pending.none('rejected')
    else await settle(leftover === 'late', false)
    throw error
  }
}

/** The number of existing rows with the insert's keys, if the table may skip the insert as a duplicate; otherwise 0. */
function countDuplicates<Params extends object>(table: Table, plan: InsertPlan<Params>, before: RowsBefore): number {
  const mayBeSkipped = table.deduplicates && plan.ahead && plan.marked() === undefined && !merges(table)
  if (!mayBeSkipped || before === 'unknown') return 0
  return plan.keys.byKey().reduce((sum, { key }) => sum + before(key), 0)
}

interface EarlierRows {
  readonly rows: RowsBefore
  readonly reinserted: Reinserted
}

function record<Params extends object>(
  call: Call<Params>,
  found: Found,
  plan: InsertPlan<Params>,
  pending: PendingCreate,
  { rows: before, reinserted }: EarlierRows,
  late: boolean,
): void {
  const { table } = found
  const { columns } = plan.keys
  if (before === 'unknown' || reinserted === 'unknown' || (columns.length === 0 && plan.keys.count > 0)) {
    pending.none('not-a-creation')
    if (before === 'unknown')
      warnOfUntracked(call.sink, table, 'and which of them are new could not be told beforehand')
    else if (reinserted === 'unknown') warnOfRemoved(call.sink, table)
    else warnOfUntracked(call.sink, table, withoutKey(table, plan.keys))
    return
  }
  const rows = plan.keys.byKey()
  const fresh = rows.filter((row) => !isExisting(call.sink, table, plan, row, before(row.key), reinserted))
  if (fresh.length === 0) pending.none(rows.length > 0 ? 'updated-existing' : 'not-a-creation')
  else pending.created(createdSets(table, columns, fresh, plan, (key) => before(key) + reinserted.removed(key), late))
}

/** Whether the row existed before the insert, or before a test removed it. */
function isExisting<Params extends object>(
  sink: CaptureSink,
  table: Table,
  plan: InsertPlan<Params>,
  row: KeyedRows[number],
  there: number,
  reinserted: ReinsertedRows,
): boolean {
  const removed = reinserted.removed(row.key)
  if (merges(table)) return there > 0 || removed > 0
  if (removed === 0) return false
  if (reinserted.isPutBack(row, there)) return true
  // Marked rows would be taken for the test's without further checks.
  if (plan.marked() === undefined) return false
  warnOfMore(sink, table, JSON.stringify(row.key))
  return true
}

/** Keys with the same number of rows, now and before, form one set. */
function createdSets<Params extends object>(
  table: Table,
  columns: readonly string[],
  rows: KeyedRows,
  plan: InsertPlan<Params>,
  before: Exclude<RowsBefore, 'unknown'>,
  late: boolean,
): CreatedSet[] {
  const proof = proofOf(table, plan)
  const alike = Map.groupBy(rows, (row) => `${row.rows} ${before(row.key)}`)
  return [...alike.values()].map((group) => {
    const [count, earlier] = [group[0]?.rows ?? 0, before(group[0]?.key ?? null)]
    const args = {
      ...{ table: writtenName(table.name), columns },
      rows: merges(table) ? ('any' as const) : count,
      ...(earlier > 0 ? { before: earlier } : {}),
      ...(late ? { late } : {}),
    }
    return { type: table.name, keys: group.map(({ key }): Json => key), steps: [rowRemoval('$driver', args)], proof }
  })
}

/** Rows that merge lose their marks. */
function proofOf<Params extends object>(table: Table, plan: InsertPlan<Params>): Proof {
  const marked = merges(table) ? undefined : plan.marked()
  return {
    strength: marked ? 'exact' : 'key-only',
    ...(table.uuid === undefined ? {} : { incarnation: table.uuid }),
    ...(marked ? { match: { [marked.column]: marked.run } } : {}),
  }
}

async function findTable<Params extends object>(call: Call<Params>): Promise<Found | undefined> {
  try {
    const found = call.session.table(call.table)
    return found instanceof Promise ? await found : found
  } catch (error) {
    // For example, the user may insert, but not read. The insert itself goes on; if the server is down, it will throw.
    if (serverCode(error) !== undefined) {
      const why = `${call.table}: its columns could not be read, so rows that are inserted into it are not tracked`
      call.sink.warn('DUSTPAN_SQL_UNATTRIBUTED', call.table, why)
    }
    return undefined
  }
}

function runUntracked<Params extends object>(
  call: Call<Params>,
  { store, table }: Found,
  how: string,
  run: () => Promise<unknown>,
) {
  warnOfUntracked(call.sink, table, how)
  if (cancels(table)) noteUnknown({ store, table: table.name })
  return run()
}

/** The Null engine stores no rows. */
const storesNothing = ({ engine }: Table): boolean => engine === 'Null'
