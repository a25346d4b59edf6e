/** Reads the foreign keys between tables. */
import type { Client, Row } from '../client.ts'
import { quoted } from '../quote.ts'
import { sameName, type Table } from '../tables.ts'

export interface ForeignKey {
  readonly child: Table
  readonly from: readonly string[]
  readonly parent: Table
  readonly to: readonly string[]
  readonly rule: 'cascade' | 'set-null' | 'restrict'
}

export function readForeignKeys(client: Client, schema: string, tables: readonly Table[]): ForeignKey[] {
  return tables.flatMap((child) => {
    const rows = client.all(`PRAGMA ${quoted(schema)}.foreign_key_list(${quoted(child.name)})`)
    const keys = Map.groupBy(rows, ({ id }) => id)
    return [...keys.values()].flatMap((columns) => foreignKey(child, columns, tables))
  })
}

function foreignKey(child: Table, unsorted: readonly Row[], tables: readonly Table[]): ForeignKey[] {
  const columns = [...unsorted].sort((a, b) => Number(a.seq) - Number(b.seq))
  const parent = tables.find(
    (table) => table.schema === child.schema && sameName(table.name, String(columns[0]?.table)),
  )
  if (parent === undefined) return []
  const from = columns.map((column) => String(column.from))
  const to = columns.map((column, i) => (column.to === null ? parent.key[i] : String(column.to)))
  const rule = rules[String(columns[0]?.on_delete)] ?? 'restrict'
  return [{ child, from, parent, to: to.filter((column) => column !== undefined), rule }]
}

const rules: { readonly [action: string]: ForeignKey['rule'] } = {
  CASCADE: 'cascade',
  'SET NULL': 'set-null',
  'SET DEFAULT': 'set-null',
}
