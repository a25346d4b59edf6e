import type { Client } from './client.ts'
import { quoted } from './quote.ts'

/** Changes whenever a table, index or trigger is created or dropped, and with VACUUM. */
export function schemaVersion(client: Client, schema: string): number {
  const [row] = client.all(`PRAGMA ${quoted(schema)}.schema_version`)
  return Number(row?.schema_version)
}
