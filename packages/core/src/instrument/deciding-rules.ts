import type { StoreSeen } from '../resource/capture.ts'

/** One driver instance's say in what is captured. */
export interface InstanceRules {
  serves(store: StoreSeen): boolean
  leadsTo?(store: StoreSeen): boolean
}

/** Those of the instance that is named in the record; undefined: none serves the store. Asked for each command. */
export function decidingRules<Rules extends InstanceRules>(all: Iterable<Rules>, store: StoreSeen): Rules | undefined {
  let first: Rules | undefined
  for (const rules of all) {
    if (!rules.serves(store)) continue
    if (rules.leadsTo?.(store)) return rules
    first ??= rules
  }
  return first
}
