import type { Json, ResourceId } from '@dustpan/core/driver'
import type { Batch } from '../removal/batches.ts'
import type { QueryOptions, Server } from '../sql/server.ts'
import { type Row, readRows } from './read-rows.ts'

/** The rows of a key, stored by column. */
export interface Backup {
  readonly rows: number
  readonly fields: { readonly [column: string]: readonly Json[] }
}

/** Backs up the existing rows of each target. Rows with bytes that are not valid text are left out. */
export async function backUp(
  server: Server,
  batches: readonly Batch[],
  options: QueryOptions,
): Promise<Map<ResourceId, Json>> {
  const backups = new Map<ResourceId, Json>()
  // If several records share a key, its rows are backed up once.
  for (const batch of batches)
    for (const [{ targets }, rows] of await readRows(server, batch, options))
      for (const [i, { id }] of targets.entries()) if (isText(rows)) backups.set(id, asBackup(i === 0 ? rows : []))
  return backups
}

const isText = (rows: readonly Row[]): boolean => rows.length > 0 && !JSON.stringify(rows).includes('\ufffd')

function asBackup(rows: readonly Row[]): Json {
  const columns = Object.keys(rows[0] ?? {})
  const fields = Object.fromEntries(columns.map((column) => [column, rows.map((row) => row[column] ?? null)]))
  return { rows: rows.length, fields } satisfies Backup
}

/** Undefined: not a backup of this driver. */
export function rowsOf(backup: Json): readonly Row[] | undefined {
  const { rows, fields } = (backup ?? {}) as Partial<Backup>
  if (typeof rows !== 'number' || typeof fields !== 'object') return undefined
  const columns = Object.entries(fields)
  return Array.from({ length: rows }, (_, i) =>
    Object.fromEntries(columns.map(([name, all]) => [name, all[i] ?? null])),
  )
}
