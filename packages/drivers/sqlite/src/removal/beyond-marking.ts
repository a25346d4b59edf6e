import { type DustpanError, type Removal, rowsOnlyMarked, statementNotRun } from '@dustpan/core/driver'
import type { SoftDeleteColumns } from '../options.ts'
import { restoreArgs } from '../restore/change.ts'
import { rowArgs, sqlArgs } from './spec.ts'

/** Why a removal is refused where rows may only be marked; undefined: it marks them. */
export function beyondMarking(
  removal: Removal,
  softDelete: { readonly [table: string]: SoftDeleteColumns },
  environment: string,
): DustpanError | undefined {
  if (restoreArgs(removal)) return undefined
  const row = rowArgs(removal)
  if (!row) return statementNotRun(sqlArgs(removal)?.sql ?? '', environment)
  return row.set || softDelete[row.table] ? undefined : rowsOnlyMarked(environment, row.table)
}
