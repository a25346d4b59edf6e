/** Targets and connections for removal, as the core creates them. */

import { driverContext, removalContext } from '@dustpan/conformance/drivers/driver'
import { once } from '@dustpan/conformance/servers'
import type { Json, StoreConnection, Target } from '@dustpan/core/driver'
import { createDriver } from '../../src/driver.ts'

export const ctx = removalContext({ signal: new AbortController().signal, deadline: Date.now() + 60_000 })

export async function connect(url: string, options: object = {}, store?: string): Promise<StoreConnection> {
  const driver = createDriver('main', { url, ...options }, driverContext(import.meta.dirname))
  return driver.connect(
    { driver: 'main', id: store ?? (await storeOf(url)) },
    { signal: ctx.signal, deadline: ctx.deadline },
  )
}

/** The id of the store, as it is recorded for a captured client. */
export async function storeOf(url: string): Promise<string> {
  const { rows } = await once(
    url,
    `SELECT system_identifier || '.' || (SELECT oid FROM pg_database WHERE datname = current_database()) AS id FROM pg_control_system()`,
  )
  const { port, pathname } = new URL(url)
  return `postgres://localhost:${port}${pathname}#${rows[0].id}`
}

let ids = 0

/** Targets for rows of one table, with its current incarnation. */
export async function targets(
  url: string,
  table: string,
  keys: readonly Json[],
  more: Partial<Target> = {},
): Promise<readonly Target[]> {
  const [schema, name] = table.includes('.') ? (table.split('.') as [string, string]) : ['public', table]
  const { rows } = await once(url, `SELECT pg_relation_filenode('"${schema}"."${name.replaceAll('"', '""')}"') AS node`)
  const node = rows[0].node
  return keys.map((key) => ({
    id: `s.${ids++}`,
    type: table,
    key,
    removal: { driver: 'main', op: 'delete-row', v: 1, args: { schema, table: name } },
    proof: node === null ? { strength: 'key-only' } : { incarnation: node, strength: 'incarnation' },
    createdAt: 1,
    ...more,
  }))
}

/** Removes the targets and returns the outcomes in their order. */
export async function remove(
  connection: StoreConnection,
  wanted: readonly Target[],
  context = ctx,
): Promise<unknown[]> {
  const outcomes = await connection.remove(wanted, context)
  return wanted.map(({ id }) => {
    const outcome = outcomes.get(id)
    if (outcome?.state === 'refused') return { why: outcome.why, code: outcome.error?.code, detail: outcome.detail }
    if (outcome?.state === 'failed')
      return { code: outcome.error.code, message: outcome.error.message, retry: outcome.retry }
    return outcome?.state === 'pending' ? outcome.why : outcome?.state
  })
}

export async function keysIn(url: string, table: string, column = 'id'): Promise<unknown[]> {
  const { rows } = await once(url, `SELECT ${column} AS key FROM ${table} ORDER BY 1`)
  return rows.map(({ key }) => key)
}
