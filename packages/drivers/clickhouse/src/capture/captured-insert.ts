/** An insert that a test calls for, with its intent before and its facts after. */
import type { CaptureSink, CreatedSet, Json, PendingCreate, Proof } from '@dustpan/core/driver'
import type { Client, Settings } from '../library.ts'
import { rowRemoval } from '../removal/spec.ts'
import { writtenName } from '../sql/quote.ts'
import { merges, type Table } from '../sql/table.ts'
import { cancels, noteCancelled } from './cancelled-rows.ts'
import type { ClientSession, Found } from './client-session.ts'
import type { InsertPlan } from './insert-plan.ts'
import { type Again, type InsertedAgain, insertedAgain, notAgain } from './inserted-again.ts'
import { serverCode, whatIsThere } from './rejection.ts'
import type { KeyedRows } from './row-keys.ts'
import { type RowsBefore, rowsBefore, rowsBeforeStream, rowsNow } from './rows-before.ts'
import { noteUnknown, takenFrom } from './taken-rows.ts'
import { unlessAborted } from './unless-aborted.ts'
import { unseen } from './unseen.ts'
import { inUnreadForm, warnOfMore, warnOfTaken, warnOfUntracked, warnOfViews, withoutKey } from './warnings.ts'

export const kind = '@dustpan/clickhouse'

export interface Call<Params extends object> {
  readonly client: Client
  readonly session: ClientSession
  readonly sink: CaptureSink
  readonly begin: CaptureSink['begin']
  /** As the call names it. */
  readonly table: string
  /** Those that the statement itself has. */
  readonly settings?: Settings
  readonly params: Params & {
    readonly abort_signal?: AbortSignal
    readonly clickhouse_settings?: { readonly [name: string]: string | number }
  }
  run(params: Params): Promise<unknown>
  /** `unmarked`: its rows may be existing ones. */
  plan(table: Table, unmarked?: 'unmarked'): InsertPlan<Params> | undefined
}

export async function capturedInsert<Params extends object>(call: Call<Params>): Promise<unknown> {
  const { params, begin } = call
  const asAsked = () => call.run(unseen({ ...params }))
  const found = await unlessAborted(lookedAt(call), params.abort_signal)
  if (!found) return asAsked()
  if (isSink(found.table)) {
    if (call.sink.active) warnOfViews(call.sink, found.table)
    return asAsked()
  }
  if (takenFrom({ store: found.store, table: found.table.name })?.isUnknown) {
    if (call.sink.active) warnOfTaken(call.sink, found.table)
    return asAsked()
  }
  const plan = await planFor(call, found)
  if (!plan) return untracked(call, found, inUnreadForm, asAsked)
  if (plan.ahead && plan.keys.count > 0 && plan.keys.columns.length === 0)
    return untracked(call, found, withoutKey(found.table, plan.keys), asAsked)
  const { name } = found.table
  const pending = begin({ kind, store: { id: found.store }, type: name, via: `INSERT INTO ${name}` })
  if (!pending) return asAsked()
  warnOfViews(call.sink, found.table)
  return observed(call, found, plan, pending)
}

/** What says that a test made a row is not put into an existing one. */
async function planFor<Params extends object>(
  call: Call<Params>,
  found: Found,
): Promise<InsertPlan<Params> | undefined> {
  const plan = call.plan(found.table)
  if (!plan?.ahead || plan.marked() === undefined) return plan
  const again = await againOf(call, found, plan)
  return again === 'unknown' || again.isAny ? call.plan(found.table, 'unmarked') : plan
}

function againOf<Params extends object>(
  { session }: Call<Params>,
  found: Found,
  { keys }: InsertPlan<Params>,
): Again | Promise<Again> {
  const taken = takenFrom({ store: found.store, table: found.table.name })
  return taken ? insertedAgain(taken, session, found, keys) : notAgain
}

async function observed<Params extends object>(
  call: Call<Params>,
  found: Found,
  plan: InsertPlan<Params>,
  pending: PendingCreate,
): Promise<unknown> {
  const { table } = found
  const asked = { session: call.session, table, plan }
  const before = await unlessAborted(rowsBefore(asked), call.params.abort_signal).catch((error: unknown) => {
    pending.none('rejected')
    throw error
  })
  const alike = rowsLikeThese(table, plan, before)
  const late = call.session.isAsynchronous({ ...call.params.clickhouse_settings, ...call.settings })
  const settle = async (isLate: boolean, isSure: boolean) => {
    const rows = plan.ahead || before === 'unknown' ? before : await rowsBeforeStream(asked, isSure)
    const again = await againOf(call, found, plan)
    record(call, found, plan, pending, { rows, again }, isLate)
    if (cancels(table)) await noteCancelled(call, found, plan.keys, rows)
  }
  try {
    const result = await call.run(unseen(plan.params))
    const isWritten = late || alike === 0 || (await rowsNow(asked)) !== alike
    if (isWritten) await settle(late, !late)
    else pending.none('not-a-creation')
    return result
  } catch (error) {
    if ([16, 60, 81].includes(serverCode(error) ?? 0)) call.session.forget()
    const there = whatIsThere(error, plan.keys.count, table)
    if (there === 'nothing') pending.none('rejected')
    else await settle(there === 'late', false)
    throw error
  }
}

/** Rows with the keys of the insert, in a table that may leave it out as one that it had before; none elsewhere. */
function rowsLikeThese<Params extends object>(table: Table, plan: InsertPlan<Params>, before: RowsBefore): number {
  const isInDoubt = table.deduplicates && plan.ahead && plan.marked() === undefined && !merges(table)
  if (!isInDoubt || before === 'unknown') return 0
  return plan.keys.byKey().reduce((sum, { key }) => sum + before(key), 0)
}

interface Before {
  readonly rows: RowsBefore
  readonly again: Again
}

function record<Params extends object>(
  call: Call<Params>,
  found: Found,
  plan: InsertPlan<Params>,
  pending: PendingCreate,
  { rows: before, again }: Before,
  late: boolean,
): void {
  const { table } = found
  const { columns } = plan.keys
  if (before === 'unknown' || again === 'unknown' || (columns.length === 0 && plan.keys.count > 0)) {
    pending.none('not-a-creation')
    if (before === 'unknown')
      warnOfUntracked(call.sink, table, 'and which of them are new could not be told beforehand')
    else if (again === 'unknown') warnOfTaken(call.sink, table)
    else warnOfUntracked(call.sink, table, withoutKey(table, plan.keys))
    return
  }
  const rows = plan.keys.byKey()
  const fresh = rows.filter((row) => !isExisting(call.sink, table, plan, row, before(row.key), again))
  if (fresh.length === 0) pending.none(rows.length > 0 ? 'updated-existing' : 'not-a-creation')
  else pending.created(createdSets(table, columns, fresh, plan, (key) => before(key) + again.taken(key), late))
}

/** It was there before the insert, or before a test removed it. */
function isExisting<Params extends object>(
  sink: CaptureSink,
  table: Table,
  plan: InsertPlan<Params>,
  row: KeyedRows[number],
  there: number,
  again: InsertedAgain,
): boolean {
  const taken = again.taken(row.key)
  if (merges(table)) return there > 0 || taken > 0
  if (taken === 0) return false
  if (again.isPutBack(row, there)) return true
  // Of rows that are marked nobody would ask whose they are.
  if (plan.marked() === undefined) return false
  warnOfMore(sink, table, JSON.stringify(row.key))
  return true
}

/** Keys with equally many rows, now and before, make one set. */
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

/** Rows that merge lose what marks them. */
function proofOf<Params extends object>(table: Table, plan: InsertPlan<Params>): Proof {
  const marked = merges(table) ? undefined : plan.marked()
  return {
    strength: marked ? 'exact' : 'key-only',
    ...(table.uuid === undefined ? {} : { incarnation: table.uuid }),
    ...(marked ? { match: { [marked.column]: marked.run } } : {}),
  }
}

async function lookedAt<Params extends object>(call: Call<Params>): Promise<Found | undefined> {
  try {
    const found = call.session.table(call.table)
    return found instanceof Promise ? await found : found
  } catch (error) {
    // Who may insert and not look, say. The insert itself goes on, and tells the user of a server that is down.
    if (serverCode(error) !== undefined) {
      const why = `${call.table}: its columns could not be read, so rows that are inserted into it are not tracked`
      call.sink.warn('DUSTPAN_SQL_UNATTRIBUTED', call.table, why)
    }
    return undefined
  }
}

function untracked<Params extends object>(
  call: Call<Params>,
  { store, table }: Found,
  how: string,
  run: () => Promise<unknown>,
) {
  warnOfUntracked(call.sink, table, how)
  if (cancels(table)) noteUnknown({ store, table: table.name })
  return run()
}

/** Nothing is kept there. */
const isSink = ({ engine }: Table): boolean => engine === 'Null'
