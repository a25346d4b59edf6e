/** Keys as the server writes them, so that one that was given as a number is found among those that the server told as texts. */
import type { Json } from '@dustpan/core/driver'
import { asWritten, bareType, literal, type Scalar } from '../sql/literal.ts'
import type { Server } from '../sql/server.ts'
import type { Table } from '../sql/table.ts'
import { partsOf } from '../sql/where.ts'

interface Asked {
  readonly session: { readonly server: Promise<Server> }
  readonly table: Table
  readonly columns: readonly string[]
}

/** In their order. The server is asked only about types that it may write in another way than they are given. @throws what the client throws */
export async function writtenKeys(asked: Asked, keys: readonly Json[]): Promise<readonly (readonly string[])[]> {
  const byColumn = await Promise.all(
    asked.columns.map((column, i) =>
      writtenValues(
        asked,
        column,
        keys.map((key) => partsOf(key)[i] as Scalar),
      ),
    ),
  )
  return keys.map((_, row) => byColumn.map((texts) => texts[row] as string))
}

async function writtenValues(
  { session, table }: Asked,
  column: string,
  values: readonly Scalar[],
): Promise<readonly string[]> {
  const type = table.columns.get(column)?.type ?? ''
  const known = new Map(values.map((value) => [value, asWritten(type, value)]))
  const open = [...known].flatMap(([value, text]) => (text === undefined ? [value] : []))
  if (open.length > 0) {
    const texts = await askWritten(await session.server, type, open)
    for (const [i, value] of open.entries()) known.set(value, texts[i])
  }
  return values.map((value) => known.get(value) ?? '')
}

async function askWritten(server: Server, type: string, values: readonly Scalar[]): Promise<readonly string[]> {
  const casts = values.map((value) => `CAST(${literal(type, value)} AS ${bareType(type)})`)
  const sql = `SELECT toString(arrayJoin([${casts.join(', ')}])) AS dustpan_written`
  const rows = await server.rows<{ dustpan_written: string }>(sql)
  if (rows.length !== values.length) throw new Error('the server does not tell how it writes these keys')
  return rows.map(({ dustpan_written }) => dustpan_written)
}

/** A text that the server gave, to be compared with those of {@link writtenKeys}. */
export const asTold = (table: Table, column: string, text: unknown): string =>
  asWritten(table.columns.get(column)?.type ?? '', text) ?? String(text)
