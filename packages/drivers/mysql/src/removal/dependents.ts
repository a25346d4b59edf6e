import type { Json, ResourceId } from '@dustpan/core/driver'
import { targetNumbered } from '@dustpan/core/rows'
import { wasTaken } from '../capture/doubtful-keys.ts'
import { mayBeWritten } from '../capture/written-columns.ts'
import { quoteTable, typeOf } from '../names.ts'
import type { Row } from '../session.ts'
import type { Reference, Table } from '../tables.ts'
import type { Batch } from './batches.ts'
import type { StoreClient } from './own-client.ts'
import { isAfter, serverClock, stampsSql } from './stamps.ts'
import { keyFrom, keyText, refersTo, targetsOf } from './statement-parts.ts'

/** A row that refers to a target. */
export interface FoundDependent {
  readonly of: ResourceId
  readonly reference: Reference
  /** The referring table. */
  readonly table: Table
  readonly type: string
  readonly key: Json
  /** Its insertion time is after the time at which its parent was recorded, and this process knows of no earlier parent. */
  readonly after: boolean
}

interface Search {
  readonly limit: number
  readonly signal: AbortSignal
}

/** Finds the rows that refer to the batches' rows. */
export async function findDependents(
  client: StoreClient,
  batches: readonly Batch[],
  { limit, signal }: Search,
): Promise<readonly FoundDependent[]> {
  const found: FoundDependent[] = []
  const clockAt = await serverClock(client, signal)
  for (const batch of batches) {
    if (batch.targets.length === 0) continue
    for (const reference of batch.table.referencedBy) {
      const child = await client.table(reference, signal)
      if (child) found.push(...(await dependentsBy(client, batch, reference, child, clockAt, { limit, signal })))
    }
  }
  return found
}

async function dependentsBy(
  client: StoreClient,
  batch: Batch,
  reference: Reference,
  child: Table,
  clockAt: (at: number) => number,
  { limit, signal }: Search,
): Promise<readonly FoundDependent[]> {
  const key = child.key.length > 0 ? child.key : [...child.columns.values()]
  const columns = key.map((column) => keyText(column, 'c')).join(', ')
  const text = `SELECT k.n, ${stampsSql(child, batch.table)}, ${columns} FROM ${targetsOf(batch)}
    JOIN ${quoteTable(reference)} c ON ${refersTo(reference)} LIMIT ${limit}`
  const type = typeOf(reference, client.session.database)
  const isRewritten = mayBeWritten(child.table, [...reference.columns, child.stamp ?? ''])
  return (await client.rows(text, signal)).map(([number, childAt, parentAt, isPast, ...texts]) => {
    const [target, childKey] = [targetNumbered(batch, number), keyFrom(key, texts)]
    const isAsInserted = !isRewritten && !wasTaken({ id: client.answering }, child, childKey)
    return {
      of: target?.id ?? '',
      ...{ reference, table: child, type },
      key: childKey,
      after:
        target !== undefined && isAsInserted && isAfter(child, target, [childAt, parentAt, isPast] as Row, clockAt),
    }
  })
}
