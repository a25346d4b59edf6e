/** An empty database, a captured client and a driver for it. */

import { type ClickHouseClient, createClient } from '@clickhouse/client'
import { RecordingSink, targetOf } from '@dustpan/conformance/capture'
import { connectTo, driverContext, removalContext } from '@dustpan/conformance/drivers/driver'
import type { Server } from '@dustpan/conformance/servers'
import type {
  CreateDriver,
  Driver,
  Json,
  RemovalContext,
  RemovalOutcome,
  StoreConnection,
  Target,
} from '@dustpan/core/driver'
import { captureClient } from '../src/capture/instrument.ts'
import { createDriver } from '../src/driver.ts'

export interface World extends AsyncDisposable {
  readonly url: string
  readonly client: ClickHouseClient
  readonly sink: RecordingSink
  /** Whether the server is newer than the one of 2018. */
  readonly isModern: boolean
  /** Runs a statement that Dustpan does not capture. */
  ask(sql: string, settings?: string): Promise<string>
  /** The values of one column, in order. */
  column(sql: string): Promise<readonly string[]>
  connect(options?: object): Promise<StoreConnection>
  /** Targets for the recorded rows, as the cleanup creates them. */
  targets(): readonly Target[]
  /** Removes the recorded rows. */
  remove(change?: Partial<RemovalContext>): Promise<readonly string[]>
}

export async function openWorld(server: Server, schema = ''): Promise<World> {
  const url = await server.database()
  const client = createClient({ url, log: { level: 127 } })
  const sink = new RecordingSink('test')
  captureClient(client, sink)
  const stack = new AsyncDisposableStack()
  stack.defer(() => client.close())
  const ask = (sql: string, settings = '') => askAt(url, sql, settings)
  for (const statement of schema.split(';').filter((text) => text.trim())) await ask(statement)
  const targets = () => sink.records.filter(({ state }) => state !== 'gone').map(targetOf)
  const connect = async (options: object = {}) =>
    stack.use(await connected(driverOf({ url, ...options }), sink.records[0]?.store.id ?? ownStore(url)))
  return {
    ...{ url, client, sink, ask, connect, targets },
    isModern: Number(server.version.split('.')[0]) > 20,
    column: async (sql) => (await ask(sql)).split('\n').filter((line) => line !== ''),
    async remove(change) {
      const connection = await connect()
      const outcomes = await connection.remove(targets(), removalContext(change))
      return statesOf(new Map(targets().flatMap(({ id }) => [[id, outcomes.get(id)] as const].filter(isThere))))
    },
    async [Symbol.asyncDispose]() {
      await stack.disposeAsync()
      await askAt(`${new URL(url).origin}/`, `DROP DATABASE IF EXISTS ${new URL(url).pathname.slice(1)}`)
    },
  }
}

type Entry = readonly [string, RemovalOutcome | undefined]
const isThere = (entry: Entry): entry is readonly [string, RemovalOutcome] => entry[1] !== undefined

export async function askAt(url: string, sql: string, settings = ''): Promise<string> {
  const { origin, pathname, username, password } = new URL(url)
  const headers = { 'X-ClickHouse-User': username || 'default', 'X-ClickHouse-Key': password }
  const database = pathname.slice(1) || 'default'
  const response = await fetch(`${origin}/?database=${database}${settings}`, { method: 'POST', body: sql, headers })
  const text = await response.text()
  if (!response.ok) throw new Error(text)
  return text
}

export function driverOf(
  options: Parameters<CreateDriver>[1],
  more: Partial<Parameters<CreateDriver>[2]> = {},
): Driver {
  return createDriver('main', options, driverContext(import.meta.dirname, { environment: 'local', ...more }))
}

export const ownStore = (url: string): string => driverOf({ url }).ownStore?.() ?? ''

export const connected = (driver: Driver, id: string): Promise<StoreConnection> =>
  connectTo(driver, { driver: 'main', id })

/** A row that a test tracked by hand. */
export function byHand(table: string, key: Json, more: object = {}): Target {
  const removal = { driver: 'main', op: 'delete-rows', v: 1, args: { table, ...more } }
  return {
    id: `${table} ${JSON.stringify(key)}`,
    type: table,
    key,
    removal,
    proof: { strength: 'key-only' },
    createdAt: 0,
  }
}

/** `state why`, for each target. */
export function statesOf(outcomes: Awaited<ReturnType<StoreConnection['remove']>>): readonly string[] {
  return [...outcomes.values()].map((outcome) => {
    const why = 'why' in outcome ? outcome.why : 'error' in outcome ? outcome.error?.code : undefined
    return why === undefined ? outcome.state : `${outcome.state} ${why}`
  })
}
