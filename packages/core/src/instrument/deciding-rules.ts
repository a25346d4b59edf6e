import type { StoreSeen } from '../resource/capture.ts'

/** A driver instance's rules for capture. */
export interface InstanceRules {
  serves(store: StoreSeen): boolean
  leadsTo?(store: StoreSeen): boolean
}

/** The rules of the instance to be named in the record; undefined: none serves the store. Called for each command. */
export function decidingRules<Rules extends InstanceRules>(all: Iterable<Rules>, store: StoreSeen): Rules | undefined {
  let first: Rules | undefined
  for (const rules of all) {
    if (!rules.serves(store)) continue
    if (rules.leadsTo?.(store)) return rules
    first ??= rules
  }
  return first
}
