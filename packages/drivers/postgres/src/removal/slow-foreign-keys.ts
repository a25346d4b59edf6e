import type { RemovalContext } from '@dustpan/core/driver'
import { readable, readableTable } from '../names.ts'
import type { Batch } from './batches.ts'

/** With so many rows in the table that refers, looking through it for each row removed is slower by far than by an index. */
const many = 5_000

/** For each row that goes, the database looks for rows that refer to it: without an index, through the whole table. */
export function warnOfSlowForeignKeys(batches: readonly Batch[], warn: RemovalContext['warn']): void {
  for (const { shape, set } of batches) {
    for (const { indexed, rows, columns, ...child } of set ? [] : shape.referencedBy) {
      if (indexed || rows < many) continue
      const index = `CREATE INDEX ON ${readableTable(child)} (${columns.map(readable).join(', ')})`
      warn?.(
        'DUSTPAN_SLOW_FOREIGN_KEY',
        `Removing rows of ${readableTable(shape)} is slow: ${readableTable(child)} refers to them without an index, so that all its rows are read for each. This index helps: ${index}`,
      )
    }
  }
}
