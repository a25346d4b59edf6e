/** Which databases in memory other connections have too (`file:x?mode=memory&cache=shared`), and so live on when one is closed. */
import type { Client } from '../client.ts'
import { quoted } from '../quote.ts'
import { type Captured, openConnections } from '../registry.ts'

export interface Heir {
  readonly captured: Captured
  readonly schema: string
}

/** Another open connection to the same database: a number that is set here for a moment is read there. Undefined also where that cannot be tried. */
export function heirOf(client: Client, schema: string): Heir | undefined {
  // better-sqlite3 takes no such addresses.
  if (typeof client.database.location !== 'function' || client.inTransaction) return undefined
  const others = openConnections().filter((one) => one.client !== client && one.client.database.location)
  if (others.length === 0) return undefined
  try {
    return found(client, schema, others)
  } catch {
    return undefined // in the middle of an iterator, or locked
  }
}

function found(client: Client, schema: string, others: readonly Captured[]): Heir | undefined {
  const before = numberOf(client, schema)
  const sign = before === probe ? probe + 1 : probe
  setNumber(client, schema, sign)
  try {
    return others.flatMap(heirs).find((heir) => numberOf(heir.captured.client, heir.schema) === sign)
  } finally {
    setNumber(client, schema, before)
  }
}

const probe = 1_986_421_337

function heirs(captured: Captured): Heir[] {
  const databases = captured.client.all('PRAGMA database_list').filter(({ name, file }) => name !== 'temp' && !file)
  return databases.map(({ name }) => ({ captured, schema: String(name) }))
}

function numberOf(client: Client, schema: string): number {
  return Number(client.all(`PRAGMA ${quoted(schema)}.user_version`)[0]?.user_version)
}

function setNumber(client: Client, schema: string, number: number): void {
  client.exec(`PRAGMA ${quoted(schema)}.user_version = ${number}`)
}
