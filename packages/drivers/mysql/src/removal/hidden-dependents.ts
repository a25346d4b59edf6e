import { DustpanError } from '@dustpan/core/driver'
import { each, type Outcomes } from '@dustpan/core/rows'
import { readableTable } from '../names.ts'
import type { Batch } from './batches.ts'
import { columnOf } from './statement-parts.ts'

/**
 * Whether rows of tables that the user may not see could refer to these: the effects of ON DELETE and ON UPDATE on them are
 * unknown.
 */
export function mayAffectHiddenRows({ table, set }: Batch): boolean {
  if (table.visibility !== 'some-tables' || !table.transactional) return false
  return !set || Object.keys(set).some((name) => table.indexed.includes(columnOf(table, name).name))
}

export function hiddenRowsOutcome({ table, targets }: Pick<Batch, 'table' | 'targets'>): Outcomes {
  const error = new DustpanError(
    'DUSTPAN_HAS_DEPENDENTS',
    `Rows of ${readableTable(table)} may be referred to from tables that the user may not see, and would take their rows along`,
    { hint: "Nothing of it was removed. GRANT PROCESS ON *.* to the user of the driver's url, or name another one" },
  )
  return each(targets, { state: 'refused', why: 'has-dependents', detail: { dependents: [] }, error })
}
