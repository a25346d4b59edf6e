import type { CollectedSet } from '../resource/application.ts'
import type { StoreRef } from '../resource/resource.ts'
import { stepsIn } from './create.ts'
import type { Scope } from './scope.ts'
import type { Tracking } from './tracking.ts'

/** Puts on record what the application wrote, as its store's log has it: which line of its code did, nobody knows. */
export function recordCollected(tracking: Tracking, scope: Scope, store: StoreRef, found: CollectedSet): void {
  const { type, keys, steps, proof, dependsOn, metadata, changed } = found
  tracking.record(scope, {
    set: tracking.nextId(),
    type,
    keys,
    store,
    steps: stepsIn(store, steps),
    proof,
    lifetime: tracking.settings.lifetime,
    ...(dependsOn && dependsOn.length > 0 ? { dependsOn } : {}),
    ...(changed ? { changed } : {}),
    origin: 'collected',
    attributed: scope.identity.kind,
    ...(metadata === undefined ? {} : { metadata }),
  })
}
