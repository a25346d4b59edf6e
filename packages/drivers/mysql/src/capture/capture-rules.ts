import { decidingRules, type InstanceRules, type StoreSeen } from '@dustpan/core/driver'
import { parseTableName, type TableName, typeOf } from '../names.ts'

/** One driver instance's say in what is captured. */
export interface CaptureRules extends InstanceRules {
  readonly ignoreTables: readonly string[]
}

/** Everything is captured, for a client that was handed over without a configuration. */
export function everything(): CaptureRules {
  return { serves: () => false, ignoreTables: [] }
}

/** The instance that is named in the record decides. */
export function ignoresBy(
  all: ReadonlySet<CaptureRules>,
): (store: StoreSeen, table: TableName, database: string) => boolean {
  return (store, table, database) => {
    if ([...all].every(({ ignoreTables }) => ignoreTables.length === 0)) return false
    const { ignoreTables = [] } = decidingRules(all, store) ?? {}
    const names = ignoreTables.map((name) => parseTableName(name) ?? { table: name })
    return names.some((name) => typeOf({ schema: database, ...name }, database) === typeOf(table, database))
  }
}
