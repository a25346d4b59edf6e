import type { ResourceId } from '@dustpan/core/driver'
import { quoteIdentifier } from '../names.ts'
import { type Batch, textOf } from './batches.ts'
import type { OwnClient } from './own-client.ts'
import { isNumbered, numbered, Parameters, tableOf } from './statement-parts.ts'

/** Which of a batch's rows are still there and, where rows are only marked, not marked yet. */
export async function probeBatch(
  client: OwnClient,
  batch: Batch,
  signal: AbortSignal,
): Promise<ReadonlySet<ResourceId>> {
  const parameters = new Parameters()
  const text = `SELECT k.n FROM ${tableOf(batch.shape)} t, ${numbered(batch, parameters)} WHERE ${isNumbered(batch)}${isUnmarked(batch, parameters)}`
  const rows = await client.rows(text, parameters.values, signal)
  return new Set(rows.flatMap(([number]) => batch.targets[Number(number) - 1]?.id ?? []))
}

function isUnmarked({ set, shape }: Batch, parameters: Parameters): string {
  if (!set) return ''
  const marked = Object.entries(set).map(([column, value]) => {
    const name = `t.${quoteIdentifier(column)}`
    if (value === 'now') return `${name} IS NOT NULL`
    return `${name} IS NOT DISTINCT FROM ${parameters.add(textOf(value))}::${shape.columns[column] ?? 'text'}`
  })
  return ` AND NOT (${marked.join(' AND ')})`
}
