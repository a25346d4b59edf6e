import { decidingRules, type InstanceRules, type StoreSeen } from '@dustpan/core/driver'
import { byTableName } from '@dustpan/core/rows'
import type { TableName } from '../names.ts'

/** The capture rules of one driver instance. */
export interface CaptureRules extends InstanceRules {
  readonly ignoreTables: readonly string[]
}

/** Rules that capture everything, for a client passed to `capture()` without a configuration. */
export function captureEverything(): CaptureRules {
  return { serves: () => false, ignoreTables: [] }
}

/** The instance named in the record decides. */
export function ignoresBy(all: ReadonlySet<CaptureRules>): (store: StoreSeen, table: TableName) => boolean {
  return (store, table) => {
    if ([...all].every(({ ignoreTables }) => ignoreTables.length === 0)) return false
    const { ignoreTables = [] } = decidingRules(all, store) ?? {}
    const isIgnored = byTableName(
      ignoreTables.map((name) => [name, true]),
      '`',
    )
    return isIgnored(table) === true
  }
}
