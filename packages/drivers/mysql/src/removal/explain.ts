import {
  alreadyGone,
  notOurRow,
  type Outcomes,
  rowStillThere,
  rowWithDependents,
  type Target,
  targetNumbered,
} from '@dustpan/core/driver'
import { readableTable } from '../names.ts'
import type { Batch } from './batches.ts'
import { findDependents } from './dependents.ts'
import type { StoreClient } from './own-client.ts'
import { isByKey, isOurs, isUnmarked, targetsOf } from './statement-parts.ts'

/** Why rows were left: no longer there, not ours, or referred to by others. */
export async function explain(client: StoreClient, batch: Batch, signal: AbortSignal): Promise<Outcomes> {
  if (batch.targets.length === 0) return new Map()
  const name = readableTable({ ...batch.table, schema: nameless(client, batch) })
  const present = await lookAt(client, batch, signal)
  const there = { ...batch, targets: batch.targets.filter(({ id }) => present.has(id)) }
  const dependents = batch.set ? [] : await findDependents(client, [there], { limit: 1_000, signal })
  // By the column that has the name now it is not there; by the one that had it, it may be.
  const isRenamed = batch.proof.incarnation !== undefined && !isByKey(batch)
  const outcomeOf = ({ id, key, proof }: Target) => {
    const ours = present.get(id)
    if (ours === undefined) return isRenamed ? notOurRow(name, key, emptied) : alreadyGone
    if (ours === 'several') return notOurRow(name, key, 'several rows go by that name')
    if (ours === 'other') return notOurRow(name, key, proof.match ? changed : emptied)
    const its = dependents.filter((dependent) => dependent.of === id)
    return its.length > 0 ? rowWithDependents(name, key, its) : rowStillThere(name, key, 'A trigger may keep it')
  }
  return new Map(batch.targets.map((target) => [target.id, outcomeOf(target)]))
}

const changed = 'its columns no longer match the record'
const emptied = 'the table was emptied or made anew since, or has its key by other names, perhaps by an ALTER'

function nameless({ session }: StoreClient, { table: { schema } }: Batch): string | null {
  return schema === session.database ? null : schema
}

/** The rows that are there (where rows are marked: not marked yet), and whether they are still what was recorded. */
async function lookAt(
  client: StoreClient,
  batch: Batch,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, 'ours' | 'other' | 'several'>> {
  const text = `SELECT k.n, ${isOurs(batch, client.session)} FROM ${targetsOf(batch)} WHERE TRUE${isUnmarked(batch)}`
  const rows = Map.groupBy(await client.rows(text, signal), ([number]) => number)
  const isUnique = isByKey(batch)
  return new Map(
    [...rows].map(([number, same]) => {
      const what = !isUnique && same.length > 1 ? 'several' : same[0]?.[1] === '1' ? 'ours' : 'other'
      return [targetNumbered(batch, number)?.id ?? '', what]
    }),
  )
}
