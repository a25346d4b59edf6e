/** Resolves statements that were never answered: by their sessions, and by the run's mark in the rows. */
import {
  type CreatedSet,
  isDustpanError,
  type Json,
  mostFound,
  type OpenIntent,
  type Resolved,
  type ResolveRequest,
  type StoreConnection,
} from '@dustpan/core/driver'
import { kindOfRun } from '@dustpan/core/rows'
import { arrayLiteral } from '../array-literal.ts'
import { type TableName, typeOf } from '../names.ts'
import { isServerError } from '../pg.ts'
import { keyFrom, keysSql } from '../predicate/matching.ts'
import type { PredicateStore } from '../predicate/store.ts'
import { tablesWithColumn } from '../predicate/tables.ts'
import type { StoreClient } from './own-client.ts'
import { readTables, type Table } from './tables.ts'

/** Column types in which an id equals only itself. */
const isText = /^"?(?:text|varchar)"?$/

export function resolving(store: PredicateStore): Required<Pick<StoreConnection, 'resolve'>> {
  return {
    async resolve(request, { signal }) {
      // Sessions first: all that a session committed is certain to be visible only once it has ended.
      const ends = await sessionEnds(store.client, request.intents, signal)
      return { ends, found: await rowsByRun(store, request, signal) }
    },
  }
}

/** Even a role that may not see the statements of other sessions sees that the sessions exist. */
async function sessionEnds(
  client: StoreClient,
  intents: readonly OpenIntent[],
  signal: AbortSignal,
): Promise<Resolved['ends']> {
  const sent = intents.flatMap(({ intent, session }) => (session === undefined ? [] : [[intent, session] as const]))
  const sessions = arrayLiteral([...new Set(sent.map(([, session]) => session))])
  const sql = 'SELECT pid::text FROM pg_catalog.pg_stat_activity WHERE pid::text = ANY ($1::text[])'
  const active = new Set((await client.rows(sql, [sessions], signal)).map(([pid]) => pid))
  return new Map(sent.map(([intent, session]) => [intent, active.has(session) ? 'at work' : 'over']))
}

async function rowsByRun(
  store: PredicateStore,
  request: ResolveRequest,
  signal: AbortSignal,
): Promise<Resolved['found']> {
  const types = new Set(request.intents.map(({ type }) => type))
  const tables = await tablesWithColumn(store.client, request.columns.run, signal)
  const wanted = tables.filter((table) => types.has(typeOf(table)))
  const findTable = await readTables(store.client, wanted, signal)
  const found = new Map<string, readonly CreatedSet[]>()
  for (const table of wanted) {
    const sets = await setsOfTable(store, table, findTable(table) ?? undefined, request, signal)
    if (sets) found.set(typeOf(table), sets)
  }
  return found
}

/** Undefined when it cannot be known. */
async function setsOfTable(
  store: PredicateStore,
  name: TableName,
  table: Table | undefined,
  { run, columns, isKnown }: ResolveRequest,
  signal: AbortSignal,
): Promise<readonly CreatedSet[] | undefined> {
  if (!table || table.secured || table.key.length === 0 || !isText.test(table.columns[columns.run] ?? ''))
    return undefined
  const type = typeOf(name)
  try {
    const marked = kindOfRun(table, { type, column: columns.run, run }, store.setFor)
    const { text, values } = keysSql(marked, undefined, mostFound + 1)
    const rows = await store.client.rows(text, values, signal)
    if (rows.length > mostFound) return undefined
    const keys = rows.map(([key]) => keyFrom(table, JSON.parse(key ?? '[]') as readonly string[]))
    const unknown = keys.filter((key) => !isKnown(type, key))
    return unknown.length === 0 ? [] : [setOf(type, table, unknown, { [columns.run]: run })]
  } catch (error) {
    if (!isServerError(error) && !isDustpanError(error)) throw error
    return undefined
  }
}

function setOf(
  type: string,
  { schema, table, key, columns }: Table,
  keys: readonly Json[],
  match: { readonly [column: string]: Json },
): CreatedSet {
  const args = { schema, table, columns: key, types: key.map((name) => columns[name] ?? '') }
  const steps = [{ driver: '$driver', op: 'delete-row', v: 1, args }]
  return { type, keys, steps, proof: { match, strength: 'exact' } }
}
