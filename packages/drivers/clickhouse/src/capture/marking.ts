/** Finds a table's marker columns, with the values that mark a row as a test's. */
import { clock, type RowMarker } from '@dustpan/core/driver'
import { bareType } from '../sql/literal.ts'
import { isText, type Table } from '../sql/table.ts'

export interface Marking {
  /** The column with the run's id. */
  readonly column: string
  readonly run: string
  readonly values: ReadonlyMap<string, unknown>
}

/** Undefined: the table has no column for the run. */
export function markingOf(table: Table, marker: RowMarker | undefined): Marking | undefined {
  if (!marker) return undefined
  const { run, createdByTest, createdAt } = marker.columns
  const typeOf = (name: string) => {
    const column = table.columns.get(name)
    return column && (column.kind === '' || column.kind === 'DEFAULT') ? column : undefined
  }
  const column = typeOf(run)
  if (!column || !isText(column)) return undefined
  const flag = typeOf(createdByTest)
  const time = typeOf(createdAt)
  const isTime = time !== undefined && /^DateTime(?:\(|$)/.test(bareType(time.type))
  return {
    ...{ column: run, run: marker.run },
    values: new Map<string, unknown>([
      [run, marker.run],
      ...(flag && /^(?:U?Int\d+|Bool)$/.test(bareType(flag.type)) ? [[createdByTest, 1] as const] : []),
      ...(isTime ? [[createdAt, Math.floor(clock.now() / 1000)] as const] : []),
    ]),
  }
}
