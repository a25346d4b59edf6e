import { type Dependent, groupsOfTables, type Proof, type Relations, type Removal } from '@dustpan/core/driver'
import { mayBeRewritten } from '../capture/rewritten-stamps.ts'
import { typeOf } from '../names.ts'
import type { Batch } from './batches.ts'
import type { Proving } from './came-after.ts'
import { type FoundDependent, findDependents } from './dependents.ts'
import type { StoreClient } from './own-client.ts'
import { readServerClock } from './server-clock.ts'
import { type Reference, shapesOf, type TableShape } from './shapes.ts'
import { isByKey } from './statement-parts.ts'

/** How many dependents of one table are looked at. */
const limit = 1_000

export interface Asked extends Pick<Proving, 'unattributed'> {
  readonly dependents: boolean
  readonly signal: AbortSignal
}

/** How the batches' tables hang together, and what hangs on their rows that is not among them. */
export async function relateBatches(
  client: StoreClient,
  driver: string,
  batches: readonly Batch[],
  { dependents, unattributed, signal }: Asked,
): Promise<Relations> {
  const hanging = dependents ? await dependentsOf(client, driver, batches, unattributed, signal) : []
  const groups = groupsOfTables(
    batches.map(({ shape, targets }) => ({ table: shape, targets })),
    typeOf,
  )
  return { ...groups, dependents: hanging }
}

function isTable(reference: { schema: string; table: string }, shape: TableShape): boolean {
  return reference.schema === shape.schema && reference.table === shape.table
}

/** The next level only: what is proven is recorded, and asked about again. */
async function dependentsOf(
  client: StoreClient,
  driver: string,
  batches: readonly Batch[],
  unattributed: Asked['unattributed'],
  signal: AbortSignal,
): Promise<readonly Dependent[]> {
  const removed = batches.filter(({ set }) => !set)
  const shapeOf = await shapesOf(
    client,
    removed.flatMap(({ shape }) => shape.referencedBy),
    signal,
  )
  const search = {
    limit,
    signal,
    known: (reference: Reference) => removed.filter((batch) => isTable(reference, batch.shape) && isByKey(batch)),
    proving: {
      stampOf: (reference: Reference) => reliable(shapeOf(reference)?.stamp),
      unattributed,
      clock: (await readServerClock(client, signal)).clock,
    },
  }
  const rows = distinct(await findDependents(client, removed, search))
  return rows.map((row) => dependent(driver, row))
}

/** A time of creation that no statement of this process may have written into rows that were there. */
const reliable = (stamp: string | null | undefined): string | null => (stamp && !mayBeRewritten(stamp) ? stamp : null)

/** A row that refers to a target by two foreign keys is one dependent. */
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
