import { type DustpanError, onlyMarked, onlyMarks, type Removal } from '@dustpan/core/driver'
import type { SoftDeleteColumns } from '../options.ts'
import { rowArgs, sqlArgs } from './removal.ts'

/** Why a removal is refused where rows may only be marked; undefined: it marks them. */
export function beyondMarking(
  removal: Removal,
  softDelete: { readonly [table: string]: SoftDeleteColumns },
  environment: string,
): DustpanError | undefined {
  const row = rowArgs(removal)
  if (row?.set !== undefined || softDelete[row?.table ?? ''] !== undefined) return undefined
  if (row !== undefined) {
    const hint = `Say how they are marked: softDelete: { ${JSON.stringify(row.table)}: { deleted_at: 'now' } }`
    return onlyMarked(environment, `Rows of ${row.table} are not deleted`, hint)
  }
  const { sql = '' } = sqlArgs(removal) ?? {}
  if (onlyMarks(sql)) return undefined
  const hint = 'A statement that begins with UPDATE can be seen to delete nothing.'
  return onlyMarked(environment, 'The statement is not run', hint)
}
