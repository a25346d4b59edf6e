/** An insert that a test calls for, with its intent before and its facts after. */
import type { CaptureSink, CreatedSet, Json, PendingCreate, Proof } from '@dustpan/core/driver'
import type { Client, Settings } from '../library.ts'
import { rowRemoval } from '../removal/spec.ts'
import { writtenName } from '../sql/quote.ts'
import { merges, type Table } from '../sql/table.ts'
import type { ClientSession, Found } from './client-session.ts'
import type { InsertPlan } from './insert-plan.ts'
import { serverCode, whatIsThere } from './rejection.ts'
import type { KeyedRows } from './row-keys.ts'
import { type RowsBefore, rowsBefore, rowsBeforeStream, rowsNow } from './rows-before.ts'
import { unseen } from './unseen.ts'

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
  plan(table: Table): InsertPlan<Params> | undefined
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
  const plan = call.plan(found.table)
  if (!plan) return untracked(call, found, 'in a form that only the server reads', asAsked)
  if (plan.ahead && plan.keys.count > 0 && plan.keys.columns.length === 0)
    return untracked(call, found, merges(found.table) ? notMerged : withoutKey, asAsked)
  const { name } = found.table
  const pending = begin({ kind, store: { id: found.store }, type: name, via: `INSERT INTO ${name}` })
  if (!pending) return asAsked()
  warnOfViews(call.sink, found.table)
  return observed(call, found, plan, pending)
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
    record(call, found, plan, pending, rows, isLate)
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

function record<Params extends object>(
  call: Call<Params>,
  found: Found,
  plan: InsertPlan<Params>,
  pending: PendingCreate,
  before: RowsBefore,
  late: boolean,
): void {
  const { table } = found
  const { columns } = plan.keys
  if (before === 'unknown' || (columns.length === 0 && plan.keys.count > 0)) {
    pending.none('not-a-creation')
    warn(
      call.sink,
      table,
      before === 'unknown' ? 'and nobody could tell beforehand which of them are new' : 'whose keys are not known',
    )
    return
  }
  const rows = plan.keys.byKey()
  const fresh = merges(table) ? rows.filter(({ key }) => before(key) === 0) : rows
  if (fresh.length === 0) pending.none(rows.length > 0 ? 'updated-existing' : 'not-a-creation')
  else pending.created(createdSets(table, columns, fresh, plan, before, late))
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

/** The user's own limit holds for our questions too. The client does not look at a signal that came before it: its error is ours here. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal || signal.aborted) return work
  const aborted = Promise.withResolvers<never>()
  const onAbort = () => aborted.reject(new Error('The user aborted a request.'))
  signal.addEventListener('abort', onAbort, { once: true })
  return Promise.race([work, aborted.promise]).finally(() => signal.removeEventListener('abort', onAbort))
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
  { table }: Found,
  how: string,
  run: () => Promise<unknown>,
) {
  warn(call.sink, table, how)
  return run()
}

function warn(sink: CaptureSink, { name, sortingKey }: Table, how: string): void {
  const by = sortingKey.length > 0 ? ` (${sortingKey.join(', ')})` : ''
  const message = `${name}: rows were inserted ${how}${by}, so they are not tracked: give them keys, or track() them`
  sink.warn('DUSTPAN_SQL_UNATTRIBUTED', name, message)
}

function warnOfViews(sink: CaptureSink, { name, views }: Table): void {
  if (views.length === 0) return
  const message = `${name}: what the materialized views ${views.join(', ')} make of its rows is not tracked, and stays`
  sink.warn('DUSTPAN_SQL_UNATTRIBUTED', `${name} views`, message)
}

const withoutKey = 'without a value for any column of its sorting key, and without an id'
const notMerged =
  'of which nobody can tell whether they become one with others: not all of its key are columns with a value'

/** Nothing is kept there. */
const isSink = ({ engine }: Table): boolean => engine === 'Null'
