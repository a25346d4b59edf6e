import {
  alreadyGone,
  failedWith,
  notOurRow,
  type Outcomes,
  type RemovalOutcome,
  rowStillThere,
  rowWithDependents,
  type Target,
  targetNumbered,
} from '@dustpan/core/driver'
import { readableTable } from '../names.ts'
import type { Batch } from './batches.ts'
import { findDependents } from './dependents.ts'
import type { StoreClient } from './own-client.ts'
import { type ShapeOf, shapesOf, type TableShape } from './shapes.ts'
import {
  hasItsColumns,
  isByKey,
  isNumbered,
  isOurs,
  isUnmarked,
  numbered,
  Parameters,
  tableOf,
} from './statement-parts.ts'

/** What may keep a row. */
const keeps = 'A trigger, a rule or row-level security may keep it'

/** Why rows were left: no longer there, not ours, or referred to by others. */
export async function explain(client: StoreClient, batch: Batch, signal: AbortSignal): Promise<Outcomes> {
  if (batch.targets.length === 0) return new Map()
  if (!(await areItsColumns(client, batch, signal)))
    return new Map(
      batch.targets.map((target) => [target.id, notOurRow(readableTable(batch.shape), target.key, renamed)]),
    )
  const present = await lookAt(client, batch, signal)
  const shape = (await freshShape(client, batch.shape, signal)) ?? batch.shape
  const dependents = batch.set
    ? []
    : await findDependents(client, [{ ...batch, shape, targets: batch.targets.filter(({ id }) => present.get(id)) }], {
        limit: 1_000,
        signal,
      })
  return new Map(
    batch.targets.map((target) => {
      const ours = present.get(target.id)
      if (ours === undefined) return [target.id, shape.secured ? hidden(batch, target) : alreadyGone]
      if (!ours) return [target.id, notOurs(batch, target)]
      const its = dependents.filter(({ of }) => of === target.id).map(({ type, key }) => ({ type, key }))
      return [
        target.id,
        its.length > 0
          ? rowWithDependents(readableTable(shape), target.key, its)
          : rowStillThere(readableTable(shape), target.key, keeps),
      ]
    }),
  )
}

/** The rows that are there (where rows are marked: not marked yet), and whether they are still what was recorded. */
async function lookAt(client: StoreClient, batch: Batch, signal: AbortSignal): Promise<ReadonlyMap<string, boolean>> {
  const parameters = new Parameters()
  const targets = numbered(batch, parameters)
  const text = `SELECT k.n, (${isOurs(batch, parameters)})::text FROM ${tableOf(batch.shape)} t, ${targets} WHERE ${isNumbered(batch)}${isUnmarked(batch, parameters)}`
  const rows = await client.rows(text, parameters.values, signal)
  return new Map(rows.map(([number, ours]) => [targetNumbered(batch, number)?.id ?? '', ours === 'true']))
}

const renamed = 'a column by which it was recorded is another one now, by the same name'

/** By others' names no row is said to be there, or not to be. */
async function areItsColumns(client: StoreClient, batch: Batch, signal: AbortSignal): Promise<boolean> {
  if (!batch.numbers) return true
  const parameters = new Parameters()
  const text = `SELECT (${hasItsColumns(batch, parameters)})::text`
  const [[holds] = []] = await client.rows(text, parameters.values, signal)
  return holds === 'true'
}

async function freshShape(client: StoreClient, table: TableShape, signal: AbortSignal): Promise<TableShape | null> {
  const shapeOf: ShapeOf = await shapesOf(client, [table], signal)
  return shapeOf(table)
}

function notOurs(batch: Batch, { key, proof }: Target): RemovalOutcome {
  const emptied = isByKey(batch) ? 'the table was emptied or made anew since' : 'several rows go by that name'
  return notOurRow(readableTable(batch.shape), key, proof.match ? 'its columns no longer match the record' : emptied)
}

/** What the role may not see may be there all the same. */
function hidden({ shape }: Batch, { key }: Target): RemovalOutcome {
  const table = readableTable(shape)
  const message = `The row ${JSON.stringify(key)} in ${table} cannot be seen: row-level security is in force for the role in the driver's url`
  return failedWith('DUSTPAN_REMOVAL_FAILED', message, { hint: 'Use a role with BYPASSRLS, or the owner of the table' })
}
