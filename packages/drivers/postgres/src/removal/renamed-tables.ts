/** Finds tables whose name no longer exists but whose file does: they were renamed or moved to another schema. */
import type { RemovalOutcome, Target } from '@dustpan/core/driver'
import { alreadyGone, failedWith, type Outcomes } from '@dustpan/core/rows'
import { readableTable, type TableName } from '../names.ts'
import { type Batch, rowTable } from './batches.ts'
import type { StoreClient } from './own-client.ts'

/** The current table name by target. A partition has the name of the partitioned table. */
export type Renamed = ReadonlyMap<Target, TableName>

export function rowsWithoutTable(rows: readonly Target[], batches: readonly Batch[]): readonly Target[] {
  const found = batches.reduce((count, { targets }) => count + targets.length, 0)
  if (found === rows.length) return []
  const inBatches = new Set(batches.flatMap(({ targets }) => targets))
  return rows.filter((row) => !inBatches.has(row))
}

/** The renamed tables, for rows whose tables were not found. */
export async function renamedTables(
  client: StoreClient,
  rows: readonly Target[],
  signal: AbortSignal,
): Promise<Renamed> {
  const files = new Set(rows.map(({ proof }) => proof.incarnation).filter((file) => typeof file === 'number'))
  if (files.size === 0) return new Map()
  const found = await client.rows(
    `SELECT json_build_array(p.relfilenode::int8, json_build_object('schema', s.nspname, 'table', c.relname))
      FROM pg_catalog.pg_class p JOIN pg_catalog.pg_class c ON c.oid = coalesce(pg_catalog.pg_partition_root(p.oid), p.oid)
      JOIN pg_catalog.pg_namespace s ON s.oid = c.relnamespace WHERE p.relkind = 'r' AND p.relfilenode = ANY ($1::oid[])`,
    [[...files].map(String)],
    signal,
  )
  const names = new Map(found.map(([text]) => JSON.parse(text ?? 'null') as readonly [number, TableName]))
  return new Map(
    rows.flatMap((row) => {
      const name = names.get(Number(row.proof.incarnation))
      return name ? [[row, name] as const] : []
    }),
  )
}

/** A dropped table took its rows with it. */
export function outcomesWithoutTable(rows: readonly Target[], renamed: Renamed): Outcomes {
  return new Map(
    rows.map((row) => {
      const name = renamed.get(row)
      return [row.id, name ? elsewhere(row, name) : alreadyGone]
    }),
  )
}

function elsewhere(row: Target, now: TableName): RemovalOutcome {
  const { schema, table } = rowTable(row)
  const message = `The row ${JSON.stringify(row.key)} was created in ${readableTable({ schema: schema ?? 'public', table })}, and that table is ${readableTable(now)} now`
  return failedWith('DUSTPAN_REMOVAL_FAILED', message, {
    hint: 'Nothing of it was removed. Give the table its name back, or remove the row yourself and forget the record',
  })
}
