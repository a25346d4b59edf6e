/** Reads key columns from the server, independent of the session's charset. */
import type { Json } from '@dustpan/core/driver'
import { quoteName } from '../names.ts'
import { keyFrom, keyText } from '../removal/statement-parts.ts'
import type { Row } from '../session.ts'
import type { Column } from '../tables.ts'

export function keyColumnSql(column: Column, row?: string): string {
  if (column.charset === null) return keyText(column, row)
  const name = row === undefined ? quoteName(column.name) : `${row}.${quoteName(column.name)}`
  return `HEX(CONVERT(${name} USING utf8mb4))`
}

export function keyFromRow(columns: readonly Column[], row: Row): Json {
  return keyFrom(
    columns,
    columns.map((column, at) => {
      const text = row[at] ?? null
      return text === null || column.charset === null ? text : unpadded(column, Buffer.from(text, 'hex').toString())
    }),
  )
}

/** A CHAR has no trailing spaces, although an sql_mode may pad it. */
export function unpadded({ type }: Column, text: string): string {
  return type === 'char' ? text.replace(/ +$/, '') : text
}
