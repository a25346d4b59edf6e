import { beginEvent } from '../journal/journal.ts'
import type { CollectedSet } from '../resource/application.ts'
import type { IntentId, Resource, ResourceSet, StoreRef } from '../resource/resource.ts'
import type { Treatment } from './by-hand.ts'
import { stepsIn } from './create.ts'
import type { Scope } from './scope.ts'
import { type Tracking, writeScope } from './tracking.ts'

/** The announced creation that it belongs to, if there is one. */
export interface Begun {
  readonly intent?: IntentId | undefined
  readonly source?: string | undefined
}

/** Records a set that was found in a store afterwards. `treatment`: its lifetime, if a test gave one by hand. */
export function recordCollected(
  tracking: Tracking,
  scope: Scope,
  store: StoreRef,
  found: CollectedSet,
  { intent, source }: Begun = {},
  treatment: Exclude<Treatment, 'left'> = { lifetime: tracking.settings.lifetime },
): readonly Resource[] {
  const { type, keys, steps, proof, dependsOn, metadata, changed } = found
  const set: Omit<ResourceSet, 'keys'> = {
    set: tracking.nextId(),
    type,
    store,
    steps: stepsIn(store, steps),
    proof,
    ...treatment,
    ...(dependsOn && dependsOn.length > 0 ? { dependsOn } : {}),
    ...(changed ? { changed } : {}),
    origin: 'collected',
    attributed: scope.identity.kind,
    ...(metadata === undefined ? {} : { metadata }),
    ...(source === undefined ? {} : { source }),
  }
  if (intent === undefined) return tracking.record(scope, { ...set, keys })
  writeScope(tracking, scope)
  return tracking.record(
    scope,
    { ...set, keys },
    {
      text: beginEvent({ e: 'created', scope: scope.id, intent, ...set }),
    },
  )
}
