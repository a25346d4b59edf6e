/** Which tables' rows refer to which. */
import type { Client, Row } from '../client.ts'
import { sameName, type Table } from '../tables.ts'

export interface ForeignKey {
  readonly child: Table
  readonly from: readonly string[]
  readonly parent: Table
  readonly to: readonly string[]
  readonly rule: 'cascade' | 'set-null' | 'restrict'
}

const foreignKeysOfTables = `
  SELECT t.name AS child, f.id AS id, f."from" AS "from", f."table" AS parent, f."to" AS "to", f.on_delete AS rule
  FROM pragma_table_list AS t, pragma_foreign_key_list(t.name, t.schema) AS f
  WHERE t.schema = ? AND t.type = 'table'
  ORDER BY t.name, f.id, f.seq`

export function readForeignKeys(client: Client, schema: string, tables: readonly Table[]): ForeignKey[] {
  const keys = new Map<string, Row[]>()
  for (const row of client.all(foreignKeysOfTables, schema)) {
    const id = JSON.stringify([row.child, row.id])
    const columns = keys.get(id)
    if (columns === undefined) keys.set(id, [row])
    else columns.push(row)
  }
  return [...keys.values()].flatMap((columns) => foreignKey(columns, tables))
}

function foreignKey(columns: readonly Row[], tables: readonly Table[]): ForeignKey[] {
  const named = (name: unknown) => tables.find((table) => sameName(table.name, String(name)))
  const child = named(columns[0]?.child)
  const parent = named(columns[0]?.parent)
  if (child === undefined || parent === undefined) return []
  const from = columns.map((column) => String(column.from))
  const to = columns.map((column, i) => (column.to === null ? parent.key[i] : String(column.to)))
  const rule = rules[String(columns[0]?.rule)] ?? 'restrict'
  return [{ child, from, parent, to: to.filter((column) => column !== undefined), rule }]
}

const rules: { readonly [action: string]: ForeignKey['rule'] } = {
  CASCADE: 'cascade',
  'SET NULL': 'set-null',
  'SET DEFAULT': 'set-null',
}
