import type { RemovalOutcome, Target } from '@dustpan/core/driver'
import {
  alreadyGone,
  failedWith,
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
import {
  hasRecordedColumnsSql,
  isByKey,
  isNumbered,
  isOurs,
  isUnmarked,
  numbered,
  Parameters,
  tableSql,
} from './statement-parts.ts'
import { type FindTable, readTables, type Table } from './tables.ts'

/** Why a row may still be there. */
const keeps = 'A trigger, a rule or row-level security may keep it'

/** Explains why rows were not removed: already gone, not the recorded rows, or referred to by others. */
export async function explain(client: StoreClient, batch: Batch, signal: AbortSignal): Promise<Outcomes> {
  if (batch.targets.length === 0) return new Map()
  if (!(await hasRecordedColumns(client, batch, signal)))
    return new Map(
      batch.targets.map((target) => [target.id, notOurRow(readableTable(batch.table), target.key, renamedColumn)]),
    )
  const present = await lookAt(client, batch, signal)
  const table = (await freshTable(client, batch.table, signal)) ?? batch.table
  const dependents = batch.set
    ? []
    : await findDependents(client, [{ ...batch, table, targets: batch.targets.filter(({ id }) => present.get(id)) }], {
        limit: 1_000,
        signal,
      })
  return new Map(
    batch.targets.map((target) => {
      const ours = present.get(target.id)
      if (ours === undefined) return [target.id, table.secured ? hidden(batch, target) : alreadyGone]
      if (!ours) return [target.id, notOurs(batch, target)]
      const ownDependents = dependents.filter(({ of }) => of === target.id).map(({ type, key }) => ({ type, key }))
      return [
        target.id,
        ownDependents.length > 0
          ? rowWithDependents(readableTable(table), target.key, ownDependents)
          : rowStillThere(readableTable(table), target.key, keeps),
      ]
    }),
  )
}

/** The rows that exist (and, where rows are marked, are not marked yet), and whether they still match the record. */
async function lookAt(client: StoreClient, batch: Batch, signal: AbortSignal): Promise<ReadonlyMap<string, boolean>> {
  const parameters = new Parameters()
  const targets = numbered(batch, parameters)
  const text = `SELECT k.n, (${isOurs(batch, parameters)})::text FROM ${tableSql(batch.table)} t, ${targets} WHERE ${isNumbered(batch)}${isUnmarked(batch, parameters)}`
  const rows = await client.rows(text, parameters.values, signal)
  return new Map(rows.map(([number, ours]) => [targetNumbered(batch, number)?.id ?? '', ours === 'true']))
}

const renamedColumn = 'a column by which it was recorded is another one now, by the same name'

/** Under a column name that now means another column, nothing can be said about a row. */
async function hasRecordedColumns(client: StoreClient, batch: Batch, signal: AbortSignal): Promise<boolean> {
  if (!batch.numbers) return true
  const parameters = new Parameters()
  const text = `SELECT (${hasRecordedColumnsSql(batch, parameters)})::text`
  const [[holds] = []] = await client.rows(text, parameters.values, signal)
  return holds === 'true'
}

async function freshTable(client: StoreClient, table: Table, signal: AbortSignal): Promise<Table | null> {
  const findTable: FindTable = await readTables(client, [table], signal)
  return findTable(table)
}

function notOurs(batch: Batch, { key, proof }: Target): RemovalOutcome {
  const emptied = isByKey(batch) ? 'the table was emptied or made anew since' : 'several rows go by that name'
  return notOurRow(readableTable(batch.table), key, proof.match ? 'its columns no longer match the record' : emptied)
}

/** A row that the role may not see can still be there. */
function hidden({ table }: Batch, { key }: Target): RemovalOutcome {
  const name = readableTable(table)
  const message = `The row ${JSON.stringify(key)} in ${name} cannot be seen: row-level security is in force for the role in the driver's url`
  return failedWith('DUSTPAN_REMOVAL_FAILED', message, { hint: 'Use a role with BYPASSRLS, or the owner of the table' })
}
