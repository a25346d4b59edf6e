/** What came of statements that were never answered: by their sessions, and by the run's mark in the rows. */
import {
  type CreatedSet,
  isDustpanError,
  type Json,
  kindOfRun,
  mostFound,
  type OpenIntent,
  type Resolved,
  type ResolveRequest,
  type StoreConnection,
} from '@dustpan/core/driver'
import { arrayLiteral } from '../array-literal.ts'
import { type TableName, typeOf } from '../names.ts'
import { isServerError } from '../pg.ts'
import { keyFrom, keysSql } from '../predicate/matching.ts'
import type { PredicateStore } from '../predicate/store.ts'
import { tablesWithColumn } from '../predicate/tables.ts'
import type { StoreClient } from './own-client.ts'
import { shapesOf, type TableShape } from './shapes.ts'

/** In these an id equals itself alone. */
const isText = /^"?(?:text|varchar)"?$/

export function resolving(store: PredicateStore): Required<Pick<StoreConnection, 'resolve'>> {
  return {
    async resolve(request, { signal }) {
      // What a session has committed is seen once that is over, not before.
      const ends = await endsOf(store.client, request.intents, signal)
      return { ends, found: await foundBy(store, request, signal) }
    },
  }
}

/** Whoever may see no statement of others sees at least that they are there. */
async function endsOf(
  client: StoreClient,
  intents: readonly OpenIntent[],
  signal: AbortSignal,
): Promise<Resolved['ends']> {
  const sent = intents.flatMap(({ intent, session }) => (session === undefined ? [] : [[intent, session] as const]))
  const sessions = arrayLiteral([...new Set(sent.map(([, session]) => session))])
  const sql = 'SELECT pid::text FROM pg_catalog.pg_stat_activity WHERE pid::text = ANY ($1::text[])'
  const there = new Set((await client.rows(sql, [sessions], signal)).map(([pid]) => pid))
  return new Map(sent.map(([intent, session]) => [intent, there.has(session) ? 'at work' : 'over']))
}

async function foundBy(
  store: PredicateStore,
  request: ResolveRequest,
  signal: AbortSignal,
): Promise<Resolved['found']> {
  const types = new Set(request.intents.map(({ type }) => type))
  const tables = await tablesWithColumn(store.client, request.columns.run, signal)
  const wanted = tables.filter((table) => types.has(typeOf(table)))
  const shapeOf = await shapesOf(store.client, wanted, signal)
  const found = new Map<string, readonly CreatedSet[]>()
  for (const table of wanted) {
    const sets = await rowsOf(store, table, shapeOf(table) ?? undefined, request, signal)
    if (sets) found.set(typeOf(table), sets)
  }
  return found
}

/** Undefined: nobody can tell. */
async function rowsOf(
  store: PredicateStore,
  table: TableName,
  shape: TableShape | undefined,
  { run, columns, isKnown }: ResolveRequest,
  signal: AbortSignal,
): Promise<readonly CreatedSet[] | undefined> {
  if (!shape || shape.secured || shape.key.length === 0 || !isText.test(shape.columns[columns.run] ?? ''))
    return undefined
  const type = typeOf(table)
  try {
    const marked = kindOfRun(shape, { type, column: columns.run, run }, store.setFor)
    const { text, values } = keysSql(marked, undefined, mostFound + 1)
    const rows = await store.client.rows(text, values, signal)
    if (rows.length > mostFound) return undefined
    const keys = rows.map(([key]) => keyFrom(shape, JSON.parse(key ?? '[]') as readonly string[]))
    const unknown = keys.filter((key) => !isKnown(type, key))
    return unknown.length === 0 ? [] : [setOf(type, shape, unknown, { [columns.run]: run })]
  } catch (error) {
    if (!isServerError(error) && !isDustpanError(error)) throw error
    return undefined
  }
}

function setOf(
  type: string,
  { schema, table, key, columns }: TableShape,
  keys: readonly Json[],
  match: { readonly [column: string]: Json },
): CreatedSet {
  const args = { schema, table, columns: key, types: key.map((name) => columns[name] ?? '') }
  const steps = [{ driver: '$driver', op: 'delete-row', v: 1, args }]
  return { type, keys, steps, proof: { match, strength: 'exact' } }
}
