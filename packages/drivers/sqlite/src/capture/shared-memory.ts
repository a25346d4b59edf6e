/**
 * Finds other connections to an in-memory database (`file:x?mode=memory&cache=shared`), which outlives the closing of one of
 * them.
 */
import type { Client } from '../client.ts'
import { quoted } from '../quote.ts'
import { type Captured, openConnections } from '../registry.ts'

export interface Heir {
  readonly captured: Captured
  readonly schema: string
}

/**
 * Finds another open connection to the same database: sets a number here for a moment and reads it there. Undefined also if that
 * cannot be tried.
 */
export function heirOf(client: Client, schema: string): Heir | undefined {
  // better-sqlite3 does not support such addresses.
  if (typeof client.database.location !== 'function' || client.inTransaction) return undefined
  const others = openConnections().filter((one) => one.client !== client && one.client.database.location)
  if (others.length === 0) return undefined
  try {
    return findHeir(client, schema, others)
  } catch {
    return undefined // in the middle of an iterator, or locked
  }
}

function findHeir(client: Client, schema: string, others: readonly Captured[]): Heir | undefined {
  const before = numberOf(client, schema)
  const sign = before === probe ? probe + 1 : probe
  setNumber(client, schema, sign)
  try {
    return others.flatMap(candidatesOf).find((heir) => numberOf(heir.captured.client, heir.schema) === sign)
  } finally {
    setNumber(client, schema, before)
  }
}

const probe = 1_986_421_337

function candidatesOf(captured: Captured): Heir[] {
  const databases = captured.client.all('PRAGMA database_list').filter(({ name, file }) => name !== 'temp' && !file)
  return databases.map(({ name }) => ({ captured, schema: String(name) }))
}

function numberOf(client: Client, schema: string): number {
  return Number(client.all(`PRAGMA ${quoted(schema)}.user_version`)[0]?.user_version)
}

function setNumber(client: Client, schema: string, number: number): void {
  client.exec(`PRAGMA ${quoted(schema)}.user_version = ${number}`)
}
