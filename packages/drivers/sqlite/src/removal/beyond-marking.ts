import type { DustpanError, Removal } from '@dustpan/core/driver'
import { rowsOnlyMarked, statementNotRun } from '@dustpan/core/rows'
import type { SoftDeleteColumns } from '../options.ts'
import { restoreArgs } from '../restore/change.ts'
import { rowArgs, sqlArgs } from './spec.ts'

/** The error for a removal in an environment where rows may only be marked; undefined: the removal marks them. */
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
