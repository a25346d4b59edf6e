import type { Json, ResourceId } from '@dustpan/core/driver'
import { quoteTable, typeOf } from '../names.ts'
import type { Reference, Table } from '../tables.ts'
import type { Batch } from './batches.ts'
import type { StoreClient } from './own-client.ts'
import { isAfterSql } from './stamps.ts'
import { keyFrom, keyText, refersTo, targetsOf } from './statement-parts.ts'

/** A row that refers to a target. */
export interface FoundDependent {
  readonly of: ResourceId
  readonly reference: Reference
  /** The referring table. */
  readonly table: Table
  readonly type: string
  readonly key: Json
  /** Its own time of insertion is after its parent's. */
  readonly after: boolean
}

interface Search {
  readonly limit: number
  readonly signal: AbortSignal
}

/** The rows that refer to the batches' rows. */
export async function findDependents(
  client: StoreClient,
  batches: readonly Batch[],
  { limit, signal }: Search,
): Promise<readonly FoundDependent[]> {
  const found: FoundDependent[] = []
  for (const batch of batches) {
    if (batch.targets.length === 0) continue
    for (const reference of batch.table.referencedBy) {
      const child = await client.table(reference, signal)
      if (child) found.push(...(await dependentsBy(client, batch, reference, child, limit, signal)))
    }
  }
  return found
}

async function dependentsBy(
  client: StoreClient,
  batch: Batch,
  reference: Reference,
  child: Table,
  limit: number,
  signal: AbortSignal,
): Promise<readonly FoundDependent[]> {
  const key = child.key.length > 0 ? child.key : [...child.columns.values()]
  const columns = key.map((column) => keyText(column, 'c')).join(', ')
  const text = `SELECT k.n, ${isAfterSql(child, batch.table)}, ${columns} FROM ${targetsOf(batch)}
    JOIN ${quoteTable(reference)} c ON ${refersTo(reference)} LIMIT ${limit}`
  const type = typeOf(reference, client.session.database)
  return (await client.rows(text, signal)).map(([number, after, ...texts]) => ({
    of: batch.targets[Number(number) - 1]?.id ?? '',
    ...{ reference, table: child, type },
    key: keyFrom(key, texts),
    after: after === '1',
  }))
}
