/**
 * Tracks the test's own mutations: the rows that they remove are struck off, because afterwards row counts no longer
 * prove ownership.
 */
import type { CaptureSink, Json, KnownResource } from '@dustpan/core/driver'
import type { TextParams } from '../library.ts'
import type { Batch } from '../removal/batches.ts'
import { countByKey } from '../removal/count-by-key.ts'
import { rowArgs } from '../removal/spec.ts'
import type { Server } from '../sql/server.ts'
import { canDelete } from '../sql/table.ts'
import type { ClientSession, Found } from './client-session.ts'
import { bareStatement, name } from './insert-text.ts'
import { batchOf } from './rows-before.ts'

interface CallContext {
  readonly session: ClientSession
  readonly sink: CaptureSink
}

const table = `(${name}(?:\\s*\\.\\s*${name})?)`
const cluster = String.raw`(?:\s+ON\s+CLUSTER\s+\S+)?`
const partitionClause = String.raw`(\s+IN\s+PARTITION\s+\S+)?`
const deleting = new RegExp(
  `^\\s*(?:DELETE\\s+FROM\\s+${table}${cluster}|ALTER\\s+TABLE\\s+${table}${cluster}\\s+DELETE)${partitionClause}\\s+WHERE\\b([\\s\\S]*)$`,
  'i',
)
const partition = new RegExp(
  `^\\s*ALTER\\s+TABLE\\s+${table}${cluster}\\s[\\s\\S]*\\b(?:(?:DROP|DETACH|MOVE|REPLACE)\\s+(?:PARTITION|PART)|DELETE\\s+(?:IN\\s+PARTITION\\s+\\S+\\s+)?WHERE)\\b`,
  'i',
)

interface Mutation {
  readonly table: string
  /** Undefined: the removed rows are only known afterwards, as those of a partition. */
  readonly condition: string | undefined
}

/** Undefined: the statement removes no rows. */
export function mutationIn(sql: string): Mutation | undefined {
  const text = bareStatement(sql)
  const [, light, altered, within, rest] = deleting.exec(text) ?? []
  const table = light ?? altered
  if (table !== undefined && rest !== undefined)
    return { table, condition: within === undefined ? conditionIn(rest) : undefined }
  const [, partitioned] = partition.exec(text) ?? []
  return partitioned === undefined ? undefined : { table: partitioned, condition: undefined }
}

const conditionIn = (rest: string): string => rest.replace(/[\s;]+$/, '').replace(/\sSETTINGS\s+\w+\s*=[^'()]*$/i, '')

/** Counts the recorded rows of the table before and after a mutation, and returns the statement's result. */
export async function trackMutation<T>(
  context: CallContext,
  params: TextParams,
  mutation: Mutation,
  run: () => Promise<T>,
): Promise<T> {
  const known = [...context.sink.known()]
  const found = await foundTable(context, mutation, known)
  const groups = found ? groupsOf(context, found, known) : []
  const server = groups.length > 0 ? await context.session.server.catch(() => undefined) : undefined
  if (!found || !server) return run()
  const before = await Promise.all(groups.map((group) => countBefore(server, group, params, mutation.condition)))
  const result = await run()
  for (const [i, group] of groups.entries()) {
    const counts = before[i]
    const removed = counts && (mutation.condition === undefined ? await countAfter(server, group, counts) : counts)
    strikeOff(context, found, group, removed)
  }
  return result
}

async function foundTable({ session }: CallContext, { table }: Mutation, known: readonly KnownResource[]) {
  if (!known.some(({ removal }) => isCounted(removal))) return undefined
  try {
    const found = await session.table(table)
    return found && canDelete(found.table) ? found : undefined
  } catch {
    return undefined
  }
}

interface Group {
  readonly batch: Batch
  readonly records: readonly KnownResource[]
}

/** Records that are removed by row count, grouped by the columns of their keys. */
function groupsOf({ sink }: CallContext, { table, store }: Found, known: readonly KnownResource[]): readonly Group[] {
  const counted = known.filter(
    ({ type, store: { id }, removal, key }) =>
      type === table.name && id === store && isCounted(removal) && !sink.onRecord({ id }, type, key)?.proof.match,
  )
  return [...Map.groupBy(counted, ({ removal }) => JSON.stringify(columnsOf(removal))).values()].map((records) => ({
    batch: batchOf(table, columnsOf(records[0]?.removal), [
      ...new Map(records.map(({ key }) => [JSON.stringify(key), key])).values(),
    ]),
    records,
  }))
}

type Removal = KnownResource['removal']

const argsOf = (removal: Removal) => (removal && 'op' in removal ? rowArgs(removal) : undefined)
const columnsOf = (removal: Removal): readonly string[] => argsOf(removal)?.columns ?? []
const isCounted = (removal: Removal): boolean => argsOf(removal)?.columns !== undefined

interface RowCounts {
  /** Rows of a key before the mutation, and how many of them it removes. */
  before(key: Json): number
  removed(key: Json): number
}

/** A condition for the rows that a mutation removes. Old servers also remove rows for which its condition is NULL. */
export const removesRow = ({ version }: Server, condition: string): string =>
  `ifNull((${condition}\n), ${version < 2100 ? 1 : 0})`

/** Undefined: unknown. */
async function countBefore(
  server: Server,
  { batch }: Group,
  { query_params: params }: TextParams,
  condition: string | undefined,
): Promise<RowCounts | undefined> {
  try {
    const before = await rowsOf(server, batch)
    if (condition === undefined) return { before, removed: () => 0 }
    return {
      before,
      removed: await rowsOf(server, { ...batch, extraCondition: removesRow(server, condition) }, params),
    }
  } catch {
    return undefined
  }
}

async function countAfter(server: Server, { batch }: Group, { before }: RowCounts): Promise<RowCounts | undefined> {
  try {
    const now = await rowsOf(server, batch)
    return { before, removed: (key) => before(key) - now(key) }
  } catch {
    return undefined
  }
}

async function rowsOf(
  server: Server,
  batch: Batch,
  params?: TextParams['query_params'],
): Promise<(key: Json) => number> {
  const rows = await countByKey(server, batch, params ? { params } : {})
  const found = new Map(batch.keys.map((key) => [JSON.stringify(key.key), rows(key)]))
  return (key) => found.get(JSON.stringify(key)) ?? 0
}

function strikeOff(
  { sink }: CallContext,
  { table, store }: Found,
  { records }: Group,
  counts: RowCounts | undefined,
): void {
  const struck = records.filter(({ key }) => !counts || counts.removed(key) > 0)
  for (const { id, key } of struck) sink.gone({ id: store }, table.name, [key], undefined, id)
  const left = struck.filter(({ key }) => !counts || counts.before(key) > counts.removed(key))
  if (left.length === 0) return
  const message = `${table.name}: a delete of the test’s own took rows with the key of others (${JSON.stringify(left[0]?.key)}), and nobody can tell whose were left: these stay`
  sink.warn('DUSTPAN_SQL_UNATTRIBUTED', `${table.name} deleted`, message)
}
