/** Runs Dustpan's own statements through a client of `@clickhouse/client`, without capturing them. */
import { randomUUID } from 'node:crypto'
import { text } from 'node:stream/consumers'
import { markOwnCall } from '../capture/own-calls.ts'
import type { Client, Settings, TextParams } from '../library.ts'
import { quoteText } from './quote.ts'

export interface Server {
  /** `18.16` is 1816, `26.7` is 2607. */
  readonly version: number
  /** The server's uuid, or its host name if it has none; followed by the database's uuid, if it has one. */
  id(database: string): Promise<string>
  /** Rows as objects. Large integers are strings. */
  rows<Row>(sql: string, options?: QueryOptions): Promise<Row[]>
  run(sql: string, options?: QueryOptions): Promise<void>
  close(): Promise<void>
}

export interface QueryOptions {
  readonly signal?: AbortSignal
  readonly settings?: Settings
  /** Values for `{name:Type}` in the statement. */
  readonly params?: TextParams['query_params']
}

/** Raised limits for statements with long lists of keys. */
const longQuerySettings: Settings = {
  max_query_size: 1 << 28,
  max_ast_elements: 1 << 24,
  max_expanded_ast_elements: 1 << 24,
}

/** Characters from which the raised limits are sent. */
const longQueryLength = 50_000

/** @throws the client's error if the server does not answer. */
export async function serverOf(client: Client, signal?: AbortSignal): Promise<Server> {
  const options = signal ? { signal } : {}
  const [about] = await rows<{ v: string; h: string }>(client, 'SELECT version() AS v, hostName() AS h', options)
  const version = versionNumber(about?.v ?? '')
  const server = (await uuidOf(client, version, options)) ?? about?.h ?? ''
  return {
    version,
    id: async (database) => {
      const found = await databaseUuid(client, version, database)
      return found === undefined ? server : `${server}.${found}`
    },
    rows: (sql, options) => rows(client, sql, options),
    run: async (sql, options) => void (await exec(client, sql, options)),
    close: () => client.close(),
  }
}

/** Servers have a uuid since 20.10; that of an embedded engine is all zeros. */
async function uuidOf(client: Client, version: number, options: QueryOptions): Promise<string | undefined> {
  if (version < 2010) return undefined
  const [found] = await rows<{ u: string }>(client, 'SELECT toString(serverUUID()) AS u', options).catch(() => [])
  return found && isUuid(found.u) ? found.u : undefined
}

/** It changes when the database is dropped and created again. */
async function databaseUuid(client: Client, version: number, database: string): Promise<string | undefined> {
  if (version < 2010) return undefined
  const sql = `SELECT toString(uuid) AS u FROM system.databases WHERE name = ${quoteText(database)}`
  const [found] = await rows<{ u: string }>(client, sql)
  return found && isUuid(found.u) ? found.u : undefined
}

/** Not all zeros. */
const isUuid = (text: string): boolean => /[1-9a-f]/i.test(text)

async function rows<Row>(client: Client, sql: string, options?: QueryOptions): Promise<Row[]> {
  const answer = await exec(client, `${sql} FORMAT JSONEachRow`, options)
  return answer.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Row]))
}

async function exec(client: Client, query: string, { signal, settings, params }: QueryOptions = {}): Promise<string> {
  const all = query.length > longQueryLength ? { ...longQuerySettings, ...settings } : settings
  const call = markOwnCall({
    query,
    ...(signal ? { abort_signal: signal } : {}),
    ...(params ? { query_params: params } : {}),
    ...(all ? { clickhouse_settings: all } : {}),
    // A session runs one statement at a time, and the user may be running one.
    ...(client.sessionId === undefined ? {} : { session_id: randomUUID() }),
  })
  const { stream } = await client.exec(call)
  return text(stream)
}

function versionNumber(version: string): number {
  const [major, minor] = version.split('.').map(Number)
  return (major ?? 0) * 100 + (minor ?? 0)
}
