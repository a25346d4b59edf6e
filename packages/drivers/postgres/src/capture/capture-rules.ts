import type { StoreSeen } from '@dustpan/core/driver'
import { type TableName, typeOf } from '../names.ts'

/** One driver instance's say in what is captured. */
export interface CaptureRules {
  serves(store: StoreSeen): boolean
  readonly ignoreTables: readonly string[]
}

/** Everything is captured, for a client that was handed over without a configuration. */
export function everything(): CaptureRules {
  return { serves: () => false, ignoreTables: [] }
}

/** The first instance that serves a store decides, as it does for the record. */
export function ignoresBy(all: ReadonlySet<CaptureRules>): (store: StoreSeen, table: TableName) => boolean {
  return (store, table) => [...all].find((rules) => rules.serves(store))?.ignoreTables.includes(typeOf(table)) === true
}
