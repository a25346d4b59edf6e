import type { RemovalContext } from '@dustpan/core/driver'
import { readable, readableTable } from '../names.ts'
import type { Batch } from './batches.ts'

/** From this number of rows in the referring table, a sequential scan for each removed row is far slower than an index. */
const slowFromRows = 5_000

/** The database searches for referring rows for each row that is removed: without an index, through the whole table. */
export function warnOfSlowForeignKeys(batches: readonly Batch[], warn: RemovalContext['warn']): void {
  for (const { table, set } of batches) {
    for (const { indexed, rows, columns, ...child } of set ? [] : table.referencedBy) {
      if (indexed || rows < slowFromRows) continue
      const index = `CREATE INDEX ON ${readableTable(child)} (${columns.map(readable).join(', ')})`
      warn?.(
        'DUSTPAN_SLOW_FOREIGN_KEY',
        `Removing rows of ${readableTable(table)} is slow: ${readableTable(child)} refers to them without an index, so that all its rows are read for each. This index helps: ${index}`,
      )
    }
  }
}
