/** Keys as the server writes them, so that a key given as a number is found among keys that the server returns as strings. */
import type { Json } from '@dustpan/core/driver'
import { asWritten, bareType, literal, type Scalar } from '../sql/literal.ts'
import type { Server } from '../sql/server.ts'
import type { Table } from '../sql/table.ts'
import { partsOf } from '../sql/where.ts'

interface CallContext {
  readonly session: { readonly server: Promise<Server> }
  readonly table: Table
  readonly columns: readonly string[]
}

/** Keeps the order. The server is only queried for types that it may write differently. @throws the client's error */
export async function writtenKeys(
  context: CallContext,
  keys: readonly Json[],
): Promise<readonly (readonly string[])[]> {
  const byColumn = await Promise.all(
    context.columns.map((column, i) =>
      writtenValues(
        context,
        column,
        keys.map((key) => partsOf(key)[i] as Scalar),
      ),
    ),
  )
  return keys.map((_, row) => byColumn.map((texts) => texts[row] as string))
}

async function writtenValues(
  { session, table }: CallContext,
  column: string,
  values: readonly Scalar[],
): Promise<readonly string[]> {
  const type = table.columns.get(column)?.type ?? ''
  const known = new Map(values.map((value) => [value, asWritten(type, value)]))
  const unwritten = [...known].flatMap(([value, text]) => (text === undefined ? [value] : []))
  if (unwritten.length > 0) {
    const texts = await queryWritten(await session.server, type, unwritten)
    for (const [i, value] of unwritten.entries()) known.set(value, texts[i])
  }
  return values.map((value) => known.get(value) ?? '')
}

async function queryWritten(server: Server, type: string, values: readonly Scalar[]): Promise<readonly string[]> {
  const casts = values.map((value) => `CAST(${literal(type, value)} AS ${bareType(type)})`)
  const sql = `SELECT toString(arrayJoin([${casts.join(', ')}])) AS dustpan_written`
  const rows = await server.rows<{ dustpan_written: string }>(sql)
  if (rows.length !== values.length) throw new Error('the server does not tell how it writes these keys')
  return rows.map(({ dustpan_written }) => dustpan_written)
}

/** A value that the server returned, in the form of {@link writtenKeys}. */
export const normalised = (table: Table, column: string, text: unknown): string =>
  asWritten(table.columns.get(column)?.type ?? '', text) ?? String(text)
