import type { Dependent, Relations, Removal } from '@dustpan/core/driver'
import { groupsOfTables } from '@dustpan/core/rows'
import { typeOf } from '../names.ts'
import { proofOf, type Table } from '../tables.ts'
import type { Batch } from './batches.ts'
import { type FoundDependent, findDependents } from './dependents.ts'
import type { StoreClient } from './own-client.ts'
import { isByKey } from './statement-parts.ts'

/** Maximum number of dependents read per table. */
const limit = 1_000

/** Relates the batches' tables, and finds other rows that depend on their rows. */
export async function relateBatches(
  client: StoreClient,
  driver: string,
  batches: readonly Batch[],
  dependents: boolean,
  signal: AbortSignal,
): Promise<Relations> {
  const found = dependents ? await dependentsOf(client, driver, batches, signal) : []
  const groups = groupsOfTables(batches, (table) => typeOf(table, client.session.database))
  return { ...groups, dependents: found }
}

/** Finds the next level only: proven dependents are recorded, and related again. */
async function dependentsOf(
  client: StoreClient,
  driver: string,
  batches: readonly Batch[],
  signal: AbortSignal,
): Promise<readonly Dependent[]> {
  const removed = batches.filter(({ set }) => !set)
  const known = new Set(
    removed.filter(isByKey).flatMap(({ table, targets }) => targets.map(({ key }) => rowId(table, key))),
  )
  const found = await findDependents(client, removed, { limit, signal })
  const others = found.filter(({ table, key }) => !known.has(rowId(table, key)))
  const distinct = new Map(others.map((row) => [`${row.of} ${rowId(row.table, row.key)}`, row]))
  return [...distinct.values()].map((row) => dependent(driver, row))
}

function rowId({ schema, table }: Table, key: unknown): string {
  return JSON.stringify([schema, table, ...[key].flat().map(String)])
}

function dependent(driver: string, row: FoundDependent): Dependent {
  const { of, type, key, reference, after, table } = row
  const unproven = { of, type, key, rule: reference.rule, provenance: 'unproven' } as const
  if (!after || table.key.length === 0) return unproven
  return { ...unproven, provenance: 'after-parent', removal: removalOf(driver, row), proof: proofOf(table) }
}

function removalOf(driver: string, { table: { schema, table, key } }: FoundDependent): Removal {
  return { driver, op: 'delete-row', v: 1, args: { schema, table, columns: key.map(({ name }) => name) } }
}
