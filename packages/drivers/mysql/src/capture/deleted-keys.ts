import type { Json } from '@dustpan/core/driver'
import type { Delete } from '../sql/statement.ts'
import type { Table } from '../tables.ts'
import { storedValueOf, type ValueContext } from './written-value.ts'

/** The keys that a DELETE by the full key names, whether or not the rows existed. */
export function keysIn({ keys }: Delete, { key }: Table, valueContext: ValueContext): readonly Json[] | undefined {
  if (!keys || keys.size !== key.length) return undefined
  const lists = key.map((column) => {
    const found = [...keys].find(([name]) => name.toLowerCase() === column.name.toLowerCase())?.[1]
    return found?.map((value) => storedValueOf(column, value, valueContext))
  })
  const [first, ...rest] = lists
  if (!first || rest.some((list) => list?.length !== 1) || (rest.length > 0 && first.length !== 1)) return undefined
  const rows = first.map((part) => [part, ...rest.map((list) => list?.[0])])
  if (!rows.every((row) => row.every((part) => typeof part === 'object'))) return undefined
  return rows.map((row) => {
    const parts = row.map((part) => (part as { key: Json }).key)
    return parts.length === 1 ? (parts[0] ?? null) : parts
  })
}
