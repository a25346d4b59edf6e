/** The test’s own mutations: whose rows they take, their number no longer tells. What one was about is struck off. */
import type { CaptureSink, Json, KnownResource } from '@dustpan/core/driver'
import type { TextParams } from '../library.ts'
import type { Batch } from '../removal/batches.ts'
import { census } from '../removal/census.ts'
import { rowArgs } from '../removal/spec.ts'
import type { Server } from '../sql/server.ts'
import { canDelete } from '../sql/table.ts'
import type { ClientSession, Found } from './client-session.ts'
import { bareStatement, name } from './insert-text.ts'
import { batchOf } from './rows-before.ts'

interface Asked {
  readonly session: ClientSession
  readonly sink: CaptureSink
}

const table = `(${name}(?:\\s*\\.\\s*${name})?)`
const cluster = String.raw`(?:\s+ON\s+CLUSTER\s+\S+)?`
const inPartition = String.raw`(\s+IN\s+PARTITION\s+\S+)?`
const deleting = new RegExp(
  `^\\s*(?:DELETE\\s+FROM\\s+${table}${cluster}|ALTER\\s+TABLE\\s+${table}${cluster}\\s+DELETE)${inPartition}\\s+WHERE\\b([\\s\\S]*)$`,
  'i',
)
const partition = new RegExp(
  `^\\s*ALTER\\s+TABLE\\s+${table}${cluster}\\s[\\s\\S]*\\b(?:(?:DROP|DETACH|MOVE|REPLACE)\\s+(?:PARTITION|PART)|DELETE\\s+(?:IN\\s+PARTITION\\s+\\S+\\s+)?WHERE)\\b`,
  'i',
)

interface Mutation {
  readonly table: string
  /** Undefined: only what is gone afterwards tells, a partition’s rows among them. */
  readonly condition: string | undefined
}

/** Undefined: it takes no rows. */
export function mutationIn(sql: string): Mutation | undefined {
  const text = bareStatement(sql)
  const [, light, altered, within, rest] = deleting.exec(text) ?? []
  const table = light ?? altered
  if (table !== undefined && rest !== undefined)
    return { table, condition: within === undefined ? conditionIn(rest) : undefined }
  const [, parted] = partition.exec(text) ?? []
  return parted === undefined ? undefined : { table: parted, condition: undefined }
}

const conditionIn = (rest: string): string => rest.replace(/[\s;]+$/, '').replace(/\sSETTINGS\s+\w+\s*=[^'()]*$/i, '')

/** Looks before and after a mutation at what is on record in its table. What the statement answers is the user's. */
export async function mutating<T>(
  asked: Asked,
  params: TextParams,
  mutation: Mutation,
  run: () => Promise<T>,
): Promise<T> {
  const known = [...asked.sink.known()]
  const found = await foundTable(asked, mutation, known)
  const groups = found ? groupsOf(asked, found, known) : []
  const server = groups.length > 0 ? await asked.session.server.catch(() => undefined) : undefined
  if (!found || !server) return run()
  const before = await Promise.all(groups.map((group) => look(server, group, params, mutation.condition)))
  const result = await run()
  for (const [i, group] of groups.entries()) {
    const look = before[i]
    const taken = look && (mutation.condition === undefined ? await takenSince(server, group, look) : look)
    strikeOff(asked, found, group, taken)
  }
  return result
}

async function foundTable({ session }: Asked, { table }: Mutation, known: readonly KnownResource[]) {
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

/** What is on record by its number, by the columns of its keys. */
function groupsOf({ sink }: Asked, { table, store }: Found, known: readonly KnownResource[]): readonly Group[] {
  const its = known.filter(
    ({ type, store: { id }, removal, key }) =>
      type === table.name && id === store && isCounted(removal) && !sink.onRecord({ id }, type, key)?.proof.match,
  )
  return [...Map.groupBy(its, ({ removal }) => JSON.stringify(columnsOf(removal))).values()].map((records) => ({
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

interface Look {
  /** Rows of a key that were there before, and how many of these go, or went. */
  there(key: Json): number
  went(key: Json): number
}

/** That a mutation with this condition takes a row. Those of old servers take what a condition is NULL for. */
export const takesRow = ({ version }: Server, condition: string): string =>
  `ifNull((${condition}\n), ${version < 2100 ? 1 : 0})`

/** Undefined: nobody can tell. */
async function look(
  server: Server,
  { batch }: Group,
  { query_params: given }: TextParams,
  condition: string | undefined,
): Promise<Look | undefined> {
  try {
    const there = await rowsOf(server, batch)
    if (condition === undefined) return { there, went: () => 0 }
    return { there, went: await rowsOf(server, { ...batch, also: takesRow(server, condition) }, given) }
  } catch {
    return undefined
  }
}

async function takenSince(server: Server, { batch }: Group, { there }: Look): Promise<Look | undefined> {
  try {
    const now = await rowsOf(server, batch)
    return { there, went: (key) => there(key) - now(key) }
  } catch {
    return undefined
  }
}

async function rowsOf(
  server: Server,
  batch: Batch,
  given?: TextParams['query_params'],
): Promise<(key: Json) => number> {
  const rows = await census(server, batch, given ? { given } : {})
  const found = new Map(batch.keys.map((key) => [JSON.stringify(key.key), rows(key)]))
  return (key) => found.get(JSON.stringify(key)) ?? 0
}

function strikeOff({ sink }: Asked, { table, store }: Found, { records }: Group, look: Look | undefined): void {
  const struck = records.filter(({ key }) => !look || look.went(key) > 0)
  for (const { id, key } of struck) sink.gone({ id: store }, table.name, [key], undefined, id)
  const left = struck.filter(({ key }) => !look || look.there(key) > look.went(key))
  if (left.length === 0) return
  const message = `${table.name}: a delete of the test’s own took rows with the key of others (${JSON.stringify(left[0]?.key)}), and nobody can tell whose were left: these stay`
  sink.warn('DUSTPAN_SQL_UNATTRIBUTED', `${table.name} deleted`, message)
}
