/** Statements of our own over a client of `@clickhouse/client`, past every instrument. */
import { randomUUID } from 'node:crypto'
import { text } from 'node:stream/consumers'
import { unseen } from '../capture/unseen.ts'
import type { Client, Settings, TextParams } from '../library.ts'
import { quoteText } from './quote.ts'

export interface Server {
  /** `18.16` is 1816, `26.7` is 2607. */
  readonly version: number
  /** Its uuid, or where it has none its own name for itself; and the database's, where databases have one. */
  id(database: string): Promise<string>
  /** Rows by column. Large integers come as texts. */
  rows<Row>(sql: string, how?: How): Promise<Row[]>
  run(sql: string, how?: How): Promise<void>
  close(): Promise<void>
}

export interface How {
  readonly signal?: AbortSignal
  readonly settings?: Settings
  /** Of `{name:Type}` in the statement. */
  readonly given?: TextParams['query_params']
}

/** Long lists of keys pass the limits that servers have for what people write. */
const forLongTexts: Settings = {
  max_query_size: 1 << 28,
  max_ast_elements: 1 << 24,
  max_expanded_ast_elements: 1 << 24,
}

const longText = 50_000

/** @throws what the client throws, when the server does not answer. */
export async function serverOf(client: Client, signal?: AbortSignal): Promise<Server> {
  const how = signal ? { signal } : {}
  const [about] = await rows<{ v: string; h: string }>(client, 'SELECT version() AS v, hostName() AS h', how)
  const version = versionNumber(about?.v ?? '')
  const server = (await uuidOf(client, version, how)) ?? about?.h ?? ''
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

/** Servers have one since 20.10; an embedded engine has only zeros. */
async function uuidOf(client: Client, version: number, how: How): Promise<string | undefined> {
  if (version < 2010) return undefined
  const [found] = await rows<{ u: string }>(client, 'SELECT toString(serverUUID()) AS u', how).catch(() => [])
  return found && isUuid(found.u) ? found.u : undefined
}

/** Another one, once it was dropped and made anew. */
async function databaseUuid(client: Client, version: number, database: string): Promise<string | undefined> {
  if (version < 2010) return undefined
  const sql = `SELECT toString(uuid) AS u FROM system.databases WHERE name = ${quoteText(database)}`
  const [found] = await rows<{ u: string }>(client, sql)
  return found && isUuid(found.u) ? found.u : undefined
}

/** Not all zeros. */
const isUuid = (text: string): boolean => /[1-9a-f]/i.test(text)

async function rows<Row>(client: Client, sql: string, how?: How): Promise<Row[]> {
  const answer = await exec(client, `${sql} FORMAT JSONEachRow`, how)
  return answer.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Row]))
}

async function exec(client: Client, query: string, { signal, settings, given }: How = {}): Promise<string> {
  const all = query.length > longText ? { ...forLongTexts, ...settings } : settings
  const params = unseen({
    query,
    ...(signal ? { abort_signal: signal } : {}),
    ...(given ? { query_params: given } : {}),
    ...(all ? { clickhouse_settings: all } : {}),
    // A session takes one statement at a time, and the user may be at one.
    ...(client.sessionId === undefined ? {} : { session_id: randomUUID() }),
  })
  const { stream } = await client.exec(params)
  return text(stream)
}

function versionNumber(version: string): number {
  const [major, minor] = version.split('.').map(Number)
  return (major ?? 0) * 100 + (minor ?? 0)
}
