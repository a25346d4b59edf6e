import type { Dependent, Proof, Relations, Removal } from '@dustpan/core/driver'
import { groupsOfTables } from '@dustpan/core/rows'
import { typeOf } from '../names.ts'
import { mayBeRewritten } from '../rewriting/rewritten-stamps.ts'
import type { Batch } from './batches.ts'
import type { AgeProof } from './came-after.ts'
import { type FoundDependent, findDependents } from './dependents.ts'
import type { StoreClient } from './own-client.ts'
import { readServerClock } from './server-clock.ts'
import { isByKey } from './statement-parts.ts'
import { type Reference, readTables, type Table } from './tables.ts'

/** The maximum number of dependents read for one foreign key. */
const limit = 1_000

export interface RelateOptions extends Pick<AgeProof, 'unattributed'> {
  readonly dependents: boolean
  readonly signal: AbortSignal
}

/** How the tables of the batches depend on each other, and which other rows depend on the rows of the batches. */
export async function relateBatches(
  client: StoreClient,
  driver: string,
  batches: readonly Batch[],
  { dependents, unattributed, signal }: RelateOptions,
): Promise<Relations> {
  const found = dependents ? await dependentsOf(client, driver, batches, unattributed, signal) : []
  const groups = groupsOfTables(
    batches.map(({ table, targets }) => ({ table, targets })),
    typeOf,
  )
  return { ...groups, dependents: found }
}

function isTable(reference: { schema: string; table: string }, table: Table): boolean {
  return reference.schema === table.schema && reference.table === table.table
}

/** One level only: proven dependents are recorded and searched for dependents in turn. */
async function dependentsOf(
  client: StoreClient,
  driver: string,
  batches: readonly Batch[],
  unattributed: RelateOptions['unattributed'],
  signal: AbortSignal,
): Promise<readonly Dependent[]> {
  const removed = batches.filter(({ set }) => !set)
  const findTable = await readTables(
    client,
    removed.flatMap(({ table }) => table.referencedBy),
    signal,
  )
  const search = {
    limit,
    signal,
    known: (reference: Reference) => removed.filter((batch) => isTable(reference, batch.table) && isByKey(batch)),
    ageProof: {
      stampOf: (reference: Reference) => reliable(findTable(reference)?.stamp),
      unattributed,
      clock: (await readServerClock(client, signal)).clock,
    },
  }
  const rows = distinct(await findDependents(client, removed, search))
  return rows.map((row) => dependent(driver, row))
}

/** A creation timestamp that no statement of this process may have written to existing rows. */
const reliable = (stamp: string | null | undefined): string | null => (stamp && !mayBeRewritten(stamp) ? stamp : null)

/** A row that refers to a target by two foreign keys counts once. */
function distinct(rows: readonly FoundDependent[]): readonly FoundDependent[] {
  return [...new Map(rows.map((row) => [JSON.stringify([row.of, row.type, row.key]), row])).values()]
}

function dependent(driver: string, row: FoundDependent): Dependent {
  const { of, type, key, reference } = row
  const unproven = { of, type, key, rule: reference.rule, provenance: 'unproven' } as const
  return row.after
    ? { ...unproven, provenance: 'after-parent', removal: removalOf(driver, row), proof: proofOf(row) }
    : unproven
}

function removalOf(driver: string, { reference }: FoundDependent): Removal {
  const { schema, table, key } = reference
  return {
    driver,
    op: 'delete-row',
    v: 1,
    args: { schema, table, columns: key.map(({ name }) => name), types: key.map(({ type }) => type) },
  }
}

function proofOf({ incarnation }: FoundDependent): Proof {
  return incarnation === undefined ? { strength: 'key-only' } : { incarnation, strength: 'incarnation' }
}
