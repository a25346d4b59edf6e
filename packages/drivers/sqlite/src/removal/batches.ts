/** Groups targets by the statement that removes them. */
import type { Proof, Target } from '@dustpan/core/driver'
import type { SoftDeleteColumns } from '../options.ts'
import type { Lookup } from '../rows.ts'
import { schemaVersion } from '../schema-version.ts'
import { findTable, sameName, type Table } from '../tables.ts'
import type { OpenStore } from './connection.ts'
import type { RowFiles } from './row-files.ts'
import { type RowArgs, rowArgs, type SqlArgs, sqlArgs } from './spec.ts'

export interface Batch {
  readonly lookup: Lookup
  /** Columns to set instead of deleting. */
  readonly set: SoftDeleteColumns | undefined
  readonly targets: readonly Target[]
  /** Set if the rows name files that are removed with them. */
  readonly files?: RowFiles
}

export interface Sorted {
  readonly batches: readonly Batch[]
  readonly sql: readonly { readonly target: Target; readonly args: SqlArgs }[]
  /** Targets that cannot be looked up, and why. */
  readonly skipped: ReadonlyMap<Target, Skipped>
}

export type Skipped = { readonly why: 'no-table' | 'not-ours' | 'invalid'; readonly message: string }

export function sortTargets(
  open: OpenStore,
  tables: readonly Table[],
  targets: readonly Target[],
  filesOf: (table: Table) => RowFiles | undefined = () => undefined,
): Sorted {
  const batches = new Map<string, Batch & { targets: Target[] }>()
  const sql: { target: Target; args: SqlArgs }[] = []
  const skipped = new Map<Target, Skipped>()
  const version = schemaVersion(open.client, open.schema)
  for (const target of targets) {
    const statement = sqlArgs(target.removal)
    if (statement !== undefined) {
      sql.push({ target, args: statement })
      continue
    }
    const place = placeOf(open, tables, target, version)
    if ('why' in place) skipped.set(target, place)
    else addTo(batches, place, target, filesOf)
  }
  return { batches: [...batches.values()], sql, skipped }
}

function addTo(
  batches: Map<string, Batch & { targets: Target[] }>,
  { lookup, set }: Place,
  target: Target,
  filesOf: (table: Table) => RowFiles | undefined,
): void {
  const id = JSON.stringify([lookup.table.name, lookup.columns, lookup.types, lookup.match, set])
  const batch = batches.get(id)
  if (batch !== undefined) {
    batch.targets.push(target)
    return
  }
  const files = set === undefined ? filesOf(lookup.table) : undefined
  batches.set(id, { lookup, set, targets: [target], ...(files && { files }) })
}

interface Place {
  readonly lookup: Lookup
  readonly set: SoftDeleteColumns | undefined
}

function placeOf(open: OpenStore, tables: readonly Table[], target: Target, version: number): Place | Skipped {
  const args = rowArgs(target.removal)
  if (args === undefined)
    return { why: 'invalid', message: `Unknown operation ${target.removal.op} v${target.removal.v}` }
  const table = findTable(tables, open.schema, args.table)
  if (table === undefined) return noTable(args)
  const columns = args.columns ?? table.key
  const match = Object.keys(target.proof.match ?? {})
  const missing = [...columns, ...match, ...Object.keys(args.set ?? {})].find((column) => !hasColumn(table, column))
  if (missing !== undefined) return { why: 'invalid', message: `${table.name} has no column ${missing}` }
  if (isRenumbered(table, columns, target.proof, version)) {
    return { why: 'not-ours', message: `${table.name} has no primary key, and may have been renumbered since` }
  }
  return { lookup: { table, columns, types: args.types ?? [], match }, set: args.set ?? open.softDelete[args.table] }
}

/** A captured table existed once; a table that a test names may be misspelt. */
function noTable(args: RowArgs): Skipped {
  return { why: args.columns === undefined ? 'invalid' : 'no-table', message: `There is no table ${args.table}` }
}

function hasColumn(table: Table, name: string): boolean {
  return table.key.includes(name) || [...table.columns.keys()].some((column) => sameName(column, name))
}

/** VACUUM gives rows without a primary key new rowids, and the schema a new version. */
function isRenumbered(table: Table, columns: readonly string[], proof: Proof, version: number): boolean {
  const byRowid = columns.every((column) => ![...table.columns.keys()].some((declared) => sameName(declared, column)))
  return byRowid && proof.incarnation !== undefined && proof.incarnation !== version
}
