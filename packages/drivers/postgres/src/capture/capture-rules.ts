import { decidingRules, type InstanceRules, type StoreSeen } from '@dustpan/core/driver'
import { type TableName, typeOf } from '../names.ts'

/** One driver instance's say in what is captured. */
export interface CaptureRules extends InstanceRules {
  readonly ignoreTables: readonly string[]
  /** Its store's log is to know whose each statement is. */
  readonly names?: boolean
}

/** Everything is captured, for a client that was handed over without a configuration. */
export function everything(): CaptureRules {
  return { serves: () => false, ignoreTables: [] }
}

/** The instance that is named in the record decides. */
export function ignoresBy(all: ReadonlySet<CaptureRules>): (store: StoreSeen, table: TableName) => boolean {
  return (store, table) => {
    if (!ignoresAny(all)) return false
    return decidingRules(all, store)?.ignoreTables.includes(typeOf(table)) === true
  }
}

/** Asked for each statement: mostly nothing is ignored at all. */
function ignoresAny(all: ReadonlySet<CaptureRules>): boolean {
  for (const { ignoreTables } of all) if (ignoreTables.length > 0) return true
  return false
}

/** Whether statements are sent under the names of run and test: to all stores, as which one it is, is not known beforehand. */
export function namesBy(all: ReadonlySet<CaptureRules>): () => boolean {
  return () => {
    for (const { names } of all) if (names) return true
    return false
  }
}
