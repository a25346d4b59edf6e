/** Merges created resources that are equivalent for counting: the first one represents the others. */

import type { LedgerEvent } from '../journal/events.ts'
import type { ResourceId, ScopeId } from '../resource/resource.ts'
import type { Fates } from './fates.ts'
import type { Placed } from './survey.ts'

export type Created = Extract<LedgerEvent, { e: 'created' }>

export interface Representatives {
  readonly events: readonly Placed[]
  /** Representatives that were removed in a batch. */
  readonly gone: readonly ResourceId[]
  /** Whether the set was not merged, because other events mention it. */
  isWhole(set: string): boolean
  take(file: string, event: Created): void
  weightOf(id: ResourceId): number
}

export function representatives(fates: Fates, scopeOf: (scope: ScopeId) => ScopeId): Representatives {
  const events: Placed[] = []
  const gone: ResourceId[] = []
  const whole = new Set<string>()
  const first = new Map<string, ResourceId>()
  const weights = new Map<ResourceId, number>()
  const represent = (file: string, event: Created, isGone: boolean) => {
    const signature = JSON.stringify([file, isGone, ...countedFields(event)])
    const id = first.get(signature) ?? `${event.set}.0`
    weights.set(id, (weights.get(id) ?? 0) + event.keys.length)
    if (first.has(signature)) return
    first.set(signature, id)
    if (isGone) gone.push(id)
    // A unique key: with the original one, a resource recreated under that key would make all of them count as gone.
    events.push({ file, event: { ...event, keys: [event.set] } })
  }
  return {
    events,
    gone,
    isWhole: (set) => whole.has(set),
    take(file, created) {
      const event = { ...created, scope: scopeOf(created.scope) }
      const { set, keys, intent } = event
      const fate = fates.of(set)
      const isAllGone = typeof fate === 'object' && fate.count === keys.length
      if (intent === undefined && keys.length > 0 && (fate === undefined || isAllGone))
        return represent(file, event, isAllGone)
      whole.add(set)
      events.push({ file, event })
    },
    weightOf: (id) => weights.get(id) ?? 1,
  }
}

/** All fields that matter for counting; resources with dependencies are never merged. */
function countedFields(event: Created): readonly unknown[] {
  const { scope, type, lifetime, steps, shared, audit, origin, attributed, tx, expiresAt } = event
  return [scope, type, lifetime, steps.length > 0, shared, audit, origin, attributed, tx, expiresAt]
}
