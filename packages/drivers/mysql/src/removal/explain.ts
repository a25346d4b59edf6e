import type { Target } from '@dustpan/core/driver'
import {
  alreadyGone,
  notOurRow,
  type Outcomes,
  rowStillThere,
  rowWithDependents,
  targetNumbered,
} from '@dustpan/core/rows'
import { readableTable } from '../names.ts'
import type { Batch } from './batches.ts'
import { findDependents } from './dependents.ts'
import type { StoreClient } from './own-client.ts'
import { isByKey, isRecordedRow, isUnmarked, targetsOf } from './statement-parts.ts'

/** Explains why rows were left: no longer there, not the recorded rows, or referenced by others. */
export async function explain(client: StoreClient, batch: Batch, signal: AbortSignal): Promise<Outcomes> {
  if (batch.targets.length === 0) return new Map()
  const name = readableTable({ ...batch.table, schema: schemaToShow(client, batch) })
  const present = await stateOfRows(client, batch, signal)
  const existing = { ...batch, targets: batch.targets.filter(({ id }) => present.has(id)) }
  const dependents = batch.set ? [] : await findDependents(client, [existing], { limit: 1_000, signal })
  // A renamed key column: not found by the column with that name now, but possibly by the one that had it.
  const isRenamed = batch.proof.incarnation !== undefined && !isByKey(batch)
  const outcomeOf = ({ id, key, proof }: Target) => {
    const state = present.get(id)
    if (state === undefined) return isRenamed ? notOurRow(name, key, emptied) : alreadyGone
    if (state === 'several') return notOurRow(name, key, 'several rows go by that name')
    if (state === 'other') return notOurRow(name, key, proof.match ? changed : emptied)
    const rowDependents = dependents.filter((dependent) => dependent.of === id)
    return rowDependents.length > 0
      ? rowWithDependents(name, key, rowDependents)
      : rowStillThere(name, key, 'A trigger may keep it')
  }
  return new Map(batch.targets.map((target) => [target.id, outcomeOf(target)]))
}

const changed = 'its columns no longer match the record'
const emptied = 'the table was emptied or made anew since, or has its key by other names, perhaps by an ALTER'

function schemaToShow({ session }: StoreClient, { table: { schema } }: Batch): string | null {
  return schema === session.database ? null : schema
}

/** The rows that exist (if rows are marked: not marked yet), and whether they are still the recorded ones. */
async function stateOfRows(
  client: StoreClient,
  batch: Batch,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, 'ours' | 'other' | 'several'>> {
  const text = `SELECT k.n, ${isRecordedRow(batch, client.session)} FROM ${targetsOf(batch)} WHERE TRUE${isUnmarked(batch)}`
  const rows = Map.groupBy(await client.rows(text, signal), ([number]) => number)
  const isUnique = isByKey(batch)
  return new Map(
    [...rows].map(([number, same]) => {
      const what = !isUnique && same.length > 1 ? 'several' : same[0]?.[1] === '1' ? 'ours' : 'other'
      return [targetNumbered(batch, number)?.id ?? '', what]
    }),
  )
}
