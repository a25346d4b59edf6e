/** Created things that nothing tells apart where they are counted: the first of them stands for the rest. */
import type { ResourceId, ScopeId } from '../resource/resource.ts'
import type { LedgerEvent } from './events.ts'
import type { Fates } from './fates.ts'
import type { Placed } from './survey.ts'

export type Created = Extract<LedgerEvent, { e: 'created' }>

export interface Representatives {
  readonly events: readonly Placed[]
  /** Those of them that went with a batch. */
  readonly gone: readonly ResourceId[]
  /** Whether the set stands for itself, as more is said of it. */
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
    const likeness = JSON.stringify([file, isGone, ...decisive(event)])
    const id = first.get(likeness) ?? `${event.set}.0`
    weights.set(id, (weights.get(id) ?? 0) + event.keys.length)
    if (first.has(likeness)) return
    first.set(likeness, id)
    if (isGone) gone.push(id)
    // Were it its own key, and that one made anew by a thing that stays, all of them would be taken for gone.
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

/** All that is asked of a resource where it is counted; what depends on others is never represented. */
function decisive(event: Created): readonly unknown[] {
  const { scope, type, lifetime, steps, shared, audit, origin, attributed, tx, expiresAt } = event
  return [scope, type, lifetime, steps.length > 0, shared, audit, origin, attributed, tx, expiresAt]
}
