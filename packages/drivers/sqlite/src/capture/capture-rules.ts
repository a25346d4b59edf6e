/** The capture rules of the configured driver instances. */
import { decidingRules, type InstanceRules, type StoreSeen } from '@dustpan/core/driver'
import { sameName } from '../tables.ts'

export interface CaptureRules extends InstanceRules {
  readonly ignoreTables: readonly string[]
}

/** The rules of each instance; the first that serves a store decides. */
const installed = new Set<CaptureRules>()

export function installRules(rules: CaptureRules | undefined): Disposable {
  if (rules) installed.add(rules)
  return { [Symbol.dispose]: () => void (rules && installed.delete(rules)) }
}

/** The instance named in the record decides. Called for each statement; in most configurations nothing is ignored. */
export function isIgnored(store: StoreSeen, table: string): boolean {
  if (!ignoresAny()) return false
  return decidingRules(installed, store)?.ignoreTables.some((name) => sameName(name, table)) === true
}

function ignoresAny(): boolean {
  for (const { ignoreTables } of installed) if (ignoreTables.length > 0) return true
  return false
}
