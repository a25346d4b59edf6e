/** An insert that a test calls for, with its intent before and its facts after. */
import type { CaptureSink, CreatedSet, Json, PendingCreate, Proof } from '@dustpan/core/driver'
import type { Client, Settings } from '../library.ts'
import { rowRemoval } from '../removal/spec.ts'
import { writtenName } from '../sql/quote.ts'
import { merges, type Table } from '../sql/table.ts'
import type { ClientSession, Found } from './client-session.ts'
import type { InsertPlan } from './insert-plan.ts'
import { countKeys, knownKeys } from './known-keys.ts'
import { serverCode, wroteNothing } from './rejection.ts'
import type { KeyedRows } from './row-keys.ts'
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
  if (!found || isSink(found.table)) return asAsked()
  const plan = call.plan(found.table)
  if (!plan) return untracked(call, found, 'in a form that only the server reads', asAsked)
  if (plan.ahead && plan.keys.count > 0 && plan.keys.columns.length === 0)
    return untracked(call, found, 'without a value for any column of its sorting key, and without an id', asAsked)
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
  const before = await keysBefore(call, found.table, plan)
  const alike = await rowsLikeThese(call, found.table, plan)
  const late = call.session.isAsynchronous({ ...call.params.clickhouse_settings, ...call.settings })
  try {
    const result = await call.run(unseen(plan.params))
    const isWritten = late || alike === 0 || (await rowsLikeThese(call, found.table, plan)) !== alike
    if (isWritten) record(call, found, plan, pending, before, late)
    else pending.none('not-a-creation')
    return result
  } catch (error) {
    if ([16, 60, 81].includes(serverCode(error) ?? 0)) call.session.forget()
    if (wroteNothing(error, plan.keys.count)) pending.none('rejected')
    else record(call, found, plan, pending, before, true)
    throw error
  }
}

/** In a table that merges rows by their key, a key that is there already makes the insert a change. */
async function keysBefore<Params extends object>(
  { session }: Call<Params>,
  table: Table,
  plan: InsertPlan<Params>,
): Promise<ReadonlySet<string> | 'unknown'> {
  if (!merges(table)) return isInDoubt(table, plan) && !plan.ahead ? 'unknown' : new Set()
  if (!plan.ahead) return 'unknown'
  return knownKeys(await session.server, table, plan.keys).catch(() => 'unknown' as const)
}

/** Rows with the keys of the insert, in a table that may leave it out as one that it had before; none elsewhere. */
async function rowsLikeThese<Params extends object>(
  { session }: Call<Params>,
  table: Table,
  plan: InsertPlan<Params>,
): Promise<number> {
  if (!isInDoubt(table, plan) || !plan.ahead || merges(table)) return 0
  return countKeys(await session.server, table, plan.keys).catch(() => 0)
}

/** Rows with the run's id are like nobody else's. */
function isInDoubt<Params extends object>({ deduplicates }: Table, plan: InsertPlan<Params>): boolean {
  return deduplicates && plan.marked() === undefined
}

function record<Params extends object>(
  call: Call<Params>,
  found: Found,
  plan: InsertPlan<Params>,
  pending: PendingCreate,
  before: ReadonlySet<string> | 'unknown',
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
  const fresh = rows.filter(({ key }) => !before.has(JSON.stringify(key)))
  if (fresh.length === 0) pending.none(rows.length > 0 ? 'updated-existing' : 'not-a-creation')
  else pending.created(createdSets(table, columns, fresh, plan, late))
}

/** Keys with equally many rows make one set. */
function createdSets<Params extends object>(
  table: Table,
  columns: readonly string[],
  rows: KeyedRows,
  plan: InsertPlan<Params>,
  late: boolean,
): CreatedSet[] {
  const proof = proofOf(table, plan)
  const alike = Map.groupBy(rows, (row) => row.rows)
  return [...alike].map(([count, group]) => {
    const args = {
      ...{ table: writtenName(table.name), columns },
      rows: merges(table) ? ('any' as const) : count,
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

/** Nothing is kept there. */
const isSink = ({ engine }: Table): boolean => engine === 'Null'
