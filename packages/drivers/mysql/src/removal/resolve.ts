/** Resolves statements without an answer: by their sessions, and by the run's mark in the rows. */
import {
  type CreatedSet,
  isDustpanError,
  mostFound,
  type OpenIntent,
  type Resolved,
  type ResolveRequest,
  type StoreConnection,
} from '@dustpan/core/driver'
import { kindOfRun } from '@dustpan/core/rows'
import { shapeOf } from '../capture/recorded-rows.ts'
import { isServerError } from '../mysql2.ts'
import { tablesWith } from '../predicate/kinds.ts'
import { keyOf, keysSql } from '../predicate/matching.ts'
import type { PredicateStore } from '../predicate/store.ts'
import type { Table } from '../tables.ts'
import type { StoreClient } from './own-client.ts'

export function resolving(store: PredicateStore): Required<Pick<StoreConnection, 'resolve'>> {
  return {
    async resolve(request, { signal }) {
      // A session's commits are complete once it has ended, not before. So the sessions are read first.
      const ends = await endsOf(store.client, request.intents, signal)
      return { ends, found: await foundBy(store, request, signal) }
    },
  }
}

/** Only users with the privilege PROCESS see other users' sessions. */
const mayProcess = `SELECT COUNT(*) FROM information_schema.user_privileges WHERE privilege_type = 'PROCESS'
  AND grantee = CONCAT('''', REPLACE(CURRENT_USER(), '@', '''@'''), '''')`

async function endsOf(
  client: StoreClient,
  intents: readonly OpenIntent[],
  signal: AbortSignal,
): Promise<Resolved['ends']> {
  const sent = intents.flatMap(({ intent, session }) => (session === undefined ? [] : [[intent, session] as const]))
  if (sent.length === 0) return new Map()
  const ids = [...new Set(sent.map(([, session]) => Number(session)))].join(', ')
  const list = `SELECT id FROM information_schema.processlist WHERE id IN (${ids})`
  const [privileges, listed] = await client.run([mayProcess, list], signal)
  const seesAll = Number(privileges?.rows[0]?.[0]) > 0
  const running = new Set(listed?.rows.map(([id]) => id))
  const active = sent.filter(([, session]) => running.has(session))
  const ended = seesAll ? sent.filter(([, session]) => !running.has(session)) : []
  return new Map([
    ...active.map(([intent]) => [intent, 'at work'] as const),
    ...ended.map(([intent]) => [intent, 'over'] as const),
  ])
}

async function foundBy(
  store: PredicateStore,
  request: ResolveRequest,
  signal: AbortSignal,
): Promise<Resolved['found']> {
  const { client } = store
  const types = new Set(request.intents.map(({ type }) => type))
  const marked = await tablesWith(client, request.columns.run, signal)
  const found = new Map<string, readonly CreatedSet[]>()
  for (const name of marked.filter((table) => types.has(table))) {
    const table = await client.table({ schema: null, table: name }, signal)
    const sets = table?.isTable && table.key.length > 0 ? await rowsOf(store, table, request, signal) : undefined
    if (sets) found.set(name, sets)
  }
  return found
}

/** Undefined: unknown. */
async function rowsOf(
  store: PredicateStore,
  table: Table,
  { run, columns, isKnown }: ResolveRequest,
  signal: AbortSignal,
): Promise<readonly CreatedSet[] | undefined> {
  const { client } = store
  try {
    const marked = kindOfRun(table, { type: table.table, column: columns.run, run }, store.setFor)
    const rows = await client.rows(keysSql(marked, undefined, mostFound + 1), signal)
    if (rows.length > mostFound) return undefined
    const keys = rows.map((row) => keyOf(table, row)).filter((key) => !isKnown(table.table, key))
    return keys.length === 0 ? [] : [{ ...shapeOf(table, client.session.database, { column: columns.run, run }), keys }]
  } catch (error) {
    if (!isServerError(error) && !isDustpanError(error)) throw error
    return undefined
  }
}
