import { type Json, unfitColumn } from '@dustpan/core/driver'
import { unmarked } from '../removal/soft-deletion.ts'
import { literal } from '../sql/literal.ts'
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

/** By text, as `7` and `'7'` are one id; and by value, as a time may be written otherwise. */
function areNot({ table }: AskedKind, ids: readonly Json[]): string {
  return ids
    .map(partsOf)
    .map((parts) => {
      const columns = parts.length === 1 && table.columns.has('id') ? ['id'] : table.sortingKey
      if (columns.length !== parts.length)
        throw unfitColumn(
          table.name,
          columns.join(', '),
          `cannot be ${parts.join(', ')}, which the setting protect keeps`,
        )
      return `NOT ifNull(${columns.map((column, i) => isPart(table, column, parts[i] ?? '')).join(' AND ')}, 0)`
    })
    .join(' AND ')
}

function isPart({ columns }: AskedKind['table'], column: string, part: Json): string {
  const name = quoteName(column)
  const value = typeof part === 'object' ? undefined : literal(columns.get(column)?.type ?? '', part)
  const isText = `toString(${name}) = ${quoteText(String(part))}`
  return value === undefined ? isText : `(${isText} OR ${name} = ${value})`
}
