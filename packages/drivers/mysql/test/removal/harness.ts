/** Targets and connections for removal, as the core creates them. */
import { driverContext, removalContext } from '@dustpan/conformance/drivers/driver'
import type { Json, StoreConnection, Target } from '@dustpan/core/driver'
import { createDriver } from '../../src/driver.ts'
import { endpointId, endpointOf } from '../../src/identity.ts'
import { once } from '../server.ts'

export const ctx = removalContext({ signal: new AbortController().signal, deadline: Date.now() + 60_000 })

export async function connect(url: string, options: object = {}, store?: string): Promise<StoreConnection> {
  const driver = createDriver('main', { url, ...options }, driverContext(import.meta.dirname))
  return driver.connect({ driver: 'main', id: store ?? endpointId(endpointOf(url)) }, ctx)
}

let ids = 0

/** Targets for rows of one table, with its current incarnation. */
export async function targets(
  url: string,
  table: string,
  keys: readonly Json[],
  more: Partial<Target> = {},
): Promise<readonly Target[]> {
  const database = new URL(url).pathname.slice(1)
  const [server] = await once(url, 'SELECT VERSION() AS version')
  const tables = String(server?.version).includes('MariaDB') ? 'innodb_sys_tables' : 'innodb_tables'
  const [row] = await once(
    url,
    `SELECT table_id AS id FROM information_schema.${tables} WHERE name = '${database}/${table}'`,
  )
  const proof = row ? { incarnation: { id: Number(row.id) }, strength: 'incarnation' } : { strength: 'key-only' }
  return keys.map((key) => ({
    id: `s.${ids++}`,
    type: table,
    key,
    removal: { driver: 'main', op: 'delete-row', v: 1, args: { schema: database, table } },
    proof: proof as Target['proof'],
    createdAt: 0,
    ...more,
  }))
}

/** Outcomes as a list in the order of the targets. */
export async function remove(
  connection: StoreConnection,
  wanted: readonly Target[],
  context = ctx,
): Promise<unknown[]> {
  const outcomes = await connection.remove(wanted, context)
  return wanted.map(({ id }) => {
    const outcome = outcomes.get(id)
    if (outcome?.state === 'refused') return outcome.error?.code
    if (outcome?.state === 'failed') return outcome.error.code
    return outcome?.state === 'pending' ? outcome.why : (outcome?.result ?? outcome?.state)
  })
}
