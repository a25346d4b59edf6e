import { decidingRules, type InstanceRules, type StoreSeen } from '@dustpan/core/driver'
import { namesTable, type TableName } from '../names.ts'

/** The rules of one driver instance for the capture. */
export interface CaptureRules extends InstanceRules {
  readonly ignoreTables: readonly string[]
  /** Statements are tagged with run and test, for the application log of its store. */
  readonly names?: boolean
}

/** Captures everything, for a client that was passed in without a configuration. */
export function captureAll(): CaptureRules {
  return { serves: () => false, ignoreTables: [] }
}

/** Whether a table is ignored: decided by the driver instance that the record will name. */
export function ignoresBy(all: ReadonlySet<CaptureRules>): (store: StoreSeen, table: TableName) => boolean {
  return (store, table) => {
    if (!hasIgnoredTables(all)) return false
    const rules = decidingRules(all, store)
    return rules !== undefined && ignoredBy(rules)(table)
  }
}

const known = new WeakMap<CaptureRules, (table: TableName) => boolean>()

function ignoredBy(rules: CaptureRules): (table: TableName) => boolean {
  const ignored = known.get(rules) ?? namesTable(rules.ignoreTables)
  known.set(rules, ignored)
  return ignored
}

/** Checked for each statement: usually no table is ignored. */
function hasIgnoredTables(all: ReadonlySet<CaptureRules>): boolean {
  for (const { ignoreTables } of all) if (ignoreTables.length > 0) return true
  return false
}

/** Whether statements are tagged with run and test. For all stores, as the store of a client is not known beforehand. */
export function namesStatements(all: ReadonlySet<CaptureRules>): () => boolean {
  return () => {
    for (const { names } of all) if (names) return true
    return false
  }
}
