/** Plans an insert: the parameters to send, with marks, and the keys of its rows. */
import { PassThrough, pipeline, Readable, Transform } from 'node:stream'
import type { RowMarker } from '@dustpan/core/driver'
import type { InsertParams } from '../library.ts'
import type { Table } from '../sql/table.ts'
import { type Marking, markingOf } from './marking.ts'
import { isEmpty, type RowFormat, rowFormat } from './row-format.ts'
import { RowKeys } from './row-keys.ts'

export interface InsertPlan<Params extends object = InsertParams> {
  readonly params: Params
  /** Complete when the insert has returned. */
  readonly keys: RowKeys
  /** The marker, if every row has it; valid when the insert has returned. */
  marked(): Marking | undefined
  /** Whether {@link keys} is complete before the insert is sent. */
  readonly ahead: boolean
}

/** Undefined: the rows cannot be read. */
export function planInsert(
  params: InsertParams,
  table: Table,
  marker: RowMarker | undefined,
  hasOwnZone: boolean,
): InsertPlan | undefined {
  const format = rowFormat(params, table)
  if (!format) return undefined
  const reader = new RowReader(new RowKeys(table, hasOwnZone), format, markingFor(params, table, marker))
  const values = readValues(params, reader)
  if (values === undefined) return undefined
  const columns = reader.marking && columnsWith(params, reader.marking)
  return {
    params: { ...params, ...(columns ? { columns } : {}), values },
    keys: reader.keys,
    marked: () => (reader.marksAll ? reader.marking : undefined),
    ahead: !isStream(values),
  }
}

/** Reads the keys of rows on their way to the client, and marks the rows. */
class RowReader {
  readonly keys: RowKeys
  readonly marking: Marking | undefined
  readonly #format: RowFormat
  marksAll = true

  constructor(keys: RowKeys, format: RowFormat, marking: Marking | undefined) {
    this.keys = keys
    this.#format = format
    this.marking = marking
  }

  read(row: unknown): unknown {
    this.keys.add((column) => this.#format.get(row, column))
    if (!this.marking) return row
    const run = this.#format.get(row, this.marking.column)
    if (!isEmpty(run) && run !== this.marking.run) this.marksAll = false
    return this.#format.with(row, this.marking.values)
  }
}

/** No marks if the call explicitly excludes one of their columns. */
function markingFor(params: InsertParams, table: Table, marker: RowMarker | undefined): Marking | undefined {
  const marking = markingOf(table, marker)
  const { except = [] } = Array.isArray(params.columns) ? {} : ((params.columns ?? {}) as { except?: string[] })
  return marking && except.some((name) => marking.values.has(name)) ? undefined : marking
}

function columnsWith({ columns }: InsertParams, { values }: Marking): readonly string[] | undefined {
  if (!Array.isArray(columns) || columns.length === 0) return undefined
  return [...columns, ...[...values.keys()].filter((name) => !columns.includes(name))]
}

function readValues({ values, format }: InsertParams, reader: RowReader): unknown {
  if (Array.isArray(values)) return values.map((row) => reader.read(row))
  if (isStream(values)) return values.readableObjectMode ? throughReader(values, reader) : undefined
  if (typeof values !== 'object' || values === null) return undefined
  if (/^JSONObjectEachRow$/i.test(format ?? '')) {
    return Object.fromEntries(Object.entries(values).map(([name, row]) => [name, reader.read(row)]))
  }
  const { data } = values as { data?: unknown }
  return Array.isArray(data) && !reader.marking ? { ...values, data: data.map((row) => reader.read(row)) } : undefined
}

/** Behaves like the client: an error in the source ends the insert, and the end of the insert closes the source. */
function throughReader(source: Readable, reader: RowReader): Readable {
  const read = new Transform({
    objectMode: true,
    transform(row, _encoding, done) {
      done(null, reader.read(row))
    },
  })
  return pipeline(source, read, () => {})
}

export function isStream(values: unknown): values is Readable {
  return values instanceof Readable || values instanceof PassThrough || typeof (values as Readable)?.pipe === 'function'
}
