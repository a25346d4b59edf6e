import { beginEvent } from '../ledger/journal.ts'
import type { CollectedSet } from '../resource/application.ts'
import type { IntentId, Resource, ResourceSet, StoreRef } from '../resource/resource.ts'
import type { Said } from './by-hand.ts'
import { stepsIn } from './create.ts'
import type { Scope } from './scope.ts'
import { type Tracking, writeScope } from './tracking.ts'

/** The create that was begun for it, where one was. */
export interface Begun {
  readonly intent?: IntentId | undefined
  readonly source?: string | undefined
}

/** Puts on record what was found in a store after the fact. `said`: what a test says of it. */
export function recordCollected(
  tracking: Tracking,
  scope: Scope,
  store: StoreRef,
  found: CollectedSet,
  { intent, source }: Begun = {},
  said: Exclude<Said, 'left'> = { lifetime: tracking.settings.lifetime },
): readonly Resource[] {
  const { type, keys, steps, proof, dependsOn, metadata, changed } = found
  const set: Omit<ResourceSet, 'keys'> = {
    set: tracking.nextId(),
    type,
    store,
    steps: stepsIn(store, steps),
    proof,
    ...said,
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
