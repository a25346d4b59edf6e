/**
 * Drops resources that this process has already recorded: a repeated request is answered twice, and its resource stays in its first scope.
 */

import type { CaptureSink, CreatedSet, StoreSeen } from '../resource/capture.ts'
import { isDifferentPlace } from '../resource/key-text.ts'
import type { Json, State } from '../resource/resource.ts'

/** The sets without the keys already recorded. */
export function notOnRecord(sink: CaptureSink, store: StoreSeen, sets: readonly CreatedSet[]): readonly CreatedSet[] {
  return sets.flatMap((set) => {
    const keys = set.keys.filter((key) => !isOnRecord(sink, store, set, key))
    return keys.length === 0 ? [] : keys.length === set.keys.length ? [set] : [{ ...set, keys }]
  })
}

function isOnRecord(sink: CaptureSink, store: StoreSeen, { type, steps }: CreatedSet, key: Json): boolean {
  const found = sink.onRecord(store, type, key)
  return found?.state !== undefined && existing.has(found.state) && !isDifferentPlace(found.removal, steps[0])
}

/** States without failed removals: these may have been removed since, and created again. */
const existing: ReadonlySet<State> = new Set(['live', 'shared', 'kept', 'pending'])
