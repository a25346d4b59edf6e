import { type Json, unfitColumn } from '@dustpan/core/driver'
import { unmarked } from '../removal/soft-deletion.ts'
import { quoteName, quoteText } from '../sql/quote.ts'
import type { How } from '../sql/server.ts'
import { partsOf } from '../sql/where.ts'
import { conditionSql, isOwned } from './condition-sql.ts'
import type { AskedKind } from './kinds.ts'
import { type Owner, valuesOfOwner } from './owner.ts'
import type { PredicateStore } from './store.ts'

/** That a row is one that is meant, is not marked already, and is not among those that stay. */
export async function meant(
  store: PredicateStore,
  kind: AskedKind,
  owner: Owner | undefined,
  how: How,
): Promise<string> {
  const { table, conditions, set, spared } = kind
  const pieces: string[] = []
  for (const condition of conditions) {
    if (condition.test !== 'owned') pieces.push(conditionSql(condition, table))
    else pieces.push(await owned(store, kind, condition.column, owner, how))
  }
  if (set) pieces.push(unmarked(table, set))
  if (spared.length > 0) pieces.push(areNot(kind, spared))
  return pieces.map((piece) => `ifNull(${piece}, 0)`).join(' AND ') || '1'
}

async function owned(
  store: PredicateStore,
  { table }: AskedKind,
  column: Parameters<typeof valuesOfOwner>[2],
  owner: Owner | undefined,
  how: How,
): Promise<string> {
  if (!owner)
    throw unfitColumn(
      table.name,
      column.column,
      'names an owner, and the option owners does not say in which table owners are',
    )
  if (column.is !== undefined && !owner.table.columns.has(column.is))
    throw unfitColumn(
      table.name,
      column.column,
      `is compared with ${column.is}, which ${owner.table.name} does not have`,
    )
  return isOwned(column.column, table, owner, await valuesOfOwner(store, owner, column, how))
}

/** By text, as `7` and `'7'` are one id. */
function areNot({ table }: AskedKind, ids: readonly Json[]): string {
  const parts = ids.map((id) => partsOf(id).map((part) => String(part ?? '')))
  return parts
    .map((id) => {
      const columns = id.length === 1 && table.columns.has('id') ? ['id'] : table.sortingKey
      if (columns.length !== id.length)
        throw unfitColumn(table.name, columns.join(', '), `cannot be ${id.join(', ')}, which the setting protect keeps`)
      const isThis = columns.map((column, i) => `toString(${quoteName(column)}) = ${quoteText(id[i] ?? '')}`)
      return `NOT ifNull(${isThis.join(' AND ')}, 0)`
    })
    .join(' AND ')
}
