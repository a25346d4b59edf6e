/** Reads rows with all their columns, without loss. */
import type { Json } from '@dustpan/core/driver'
import { writtenKey } from '../capture/row-keys.ts'
import { type Batch, type KeyTargets, whereOf } from '../removal/batches.ts'
import { bareType } from '../sql/literal.ts'
import { quoteName } from '../sql/quote.ts'
import type { QueryOptions, Server } from '../sql/server.ts'
import { type Table, tableName } from '../sql/table.ts'
import { partsOf } from '../sql/where.ts'

export interface Row {
  readonly [column: string]: Json
}

/** The rows of each key, sorted. */
export async function readRows(
  server: Server,
  batch: Batch,
  options: QueryOptions,
): Promise<ReadonlyMap<KeyTargets, readonly Row[]>> {
  const rows = await select(server, batch, batch.keys, options)
  const written = rows.map((row) =>
    writtenKey(
      batch.table,
      batch.columns,
      batch.columns.map((column) => row[column]),
    ),
  )
  const found = new Map<KeyTargets, readonly Row[]>()
  if (!written.includes(undefined)) {
    const byKey = Map.groupBy(rows, (_, i) => written[i])
    for (const key of batch.keys)
      found.set(key, sorted(byKey.get(writtenKey(batch.table, batch.columns, partsOf(key.key))) ?? []))
  } else {
    for (const key of batch.keys) found.set(key, sorted(await select(server, batch, [key], options)))
  }
  return found
}

/** Columns that an insert can set. */
export function insertedColumns({ columns }: Table): readonly string[] {
  return [...columns].filter(([, { kind }]) => kind === '' || kind === 'DEFAULT').map(([name]) => name)
}

export const isDecimal = ({ columns }: Table, column: string): boolean =>
  /^Decimal/.test(bareType(columns.get(column)?.type ?? ''))

function select(
  server: Server,
  batch: Batch,
  keys: readonly KeyTargets[],
  options: QueryOptions,
): Promise<readonly Row[]> {
  const { table } = batch
  const columns = insertedColumns(table).map((column) => {
    const name = quoteName(column)
    // As a JavaScript number it would lose its last digits.
    return isDecimal(table, column) ? `toString(t.${name}) AS ${name}` : name
  })
  const from = `(SELECT * FROM ${tableName(table)} WHERE ${whereOf(batch, keys)}) AS t`
  return server.rows<Row>(`SELECT ${columns.join(', ')} FROM ${from}`, {
    ...options,
    settings: exactNumbers,
  })
}

const exactNumbers = { output_format_json_quote_64bit_integers: 1, output_format_json_quote_denormals: 1 }

const sorted = (rows: readonly Row[]): readonly Row[] =>
  rows.length < 2 ? rows : rows.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
