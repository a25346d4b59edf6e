import type { Client } from './client.ts'
import { quoted } from './quote.ts'

/** Changes with every table, index and trigger that comes or goes, and with VACUUM. */
export function schemaVersion(client: Client, schema: string): number {
  const [row] = client.all(`PRAGMA ${quoted(schema)}.schema_version`)
  return Number(row?.schema_version)
}
