import type { Json } from '@dustpan/core/driver'
import { unfitColumn } from '@dustpan/core/rows'
import { unmarked } from '../removal/soft-deletion.ts'
import { literal } from '../sql/literal.ts'
import { quoteName, quoteText } from '../sql/quote.ts'
import type { QueryOptions } from '../sql/server.ts'
import { partsOf } from '../sql/where.ts'
import { conditionSql, ownedSql } from './condition-sql.ts'
import type { AskedKind } from './kinds.ts'
import { type Owner, valuesOfOwner } from './owner.ts'
import type { PredicateStore } from './store.ts'

/** The condition of a kind's rows: those that the predicate selects, without marked and protected ones. */
export async function whereSelected(
  store: PredicateStore,
  kind: AskedKind,
  owner: Owner | undefined,
  options: QueryOptions,
): Promise<string> {
  const { table, conditions, set, spared } = kind
  const pieces: string[] = []
  for (const condition of conditions) {
    if (condition.test !== 'owned') pieces.push(conditionSql(condition, table))
    else pieces.push(await owned(store, kind, condition.column, owner, options))
  }
  if (set) pieces.push(unmarked(table, set))
  if (spared.length > 0) pieces.push(notProtected(kind, spared))
  return pieces.map((piece) => `ifNull(${piece}, 0)`).join(' AND ') || '1'
}

async function owned(
  store: PredicateStore,
  { table }: AskedKind,
  column: Parameters<typeof valuesOfOwner>[2],
  owner: Owner | undefined,
  options: QueryOptions,
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
  return ownedSql(column.column, table, owner, await valuesOfOwner(store, owner, column, options))
}

/** Compares by text, since `7` and `'7'` are the same id, and by value, since a time may be written differently. */
function notProtected({ table }: AskedKind, ids: readonly Json[]): string {
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
      return `NOT ifNull(${columns.map((column, i) => equalsPart(table, column, parts[i] ?? '')).join(' AND ')}, 0)`
    })
    .join(' AND ')
}

function equalsPart({ columns }: AskedKind['table'], column: string, part: Json): string {
  const name = quoteName(column)
  const value = typeof part === 'object' ? undefined : literal(columns.get(column)?.type ?? '', part)
  const textEquals = `toString(${name}) = ${quoteText(String(part))}`
  return value === undefined ? textEquals : `(${textEquals} OR ${name} = ${value})`
}
