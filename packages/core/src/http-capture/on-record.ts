/** What an answer shows that this process has on record: one thing is answered twice where a request is repeated, and stays its first scope's. */

import type { CaptureSink, CreatedSet, StoreSeen } from '../resource/capture.ts'
import { goApart } from '../resource/key-text.ts'
import type { Json, State } from '../resource/resource.ts'

/** The sets without that. */
export function notOnRecord(sink: CaptureSink, store: StoreSeen, sets: readonly CreatedSet[]): readonly CreatedSet[] {
  return sets.flatMap((set) => {
    const keys = set.keys.filter((key) => !isOnRecord(sink, store, set, key))
    return keys.length === 0 ? [] : keys.length === set.keys.length ? [set] : [{ ...set, keys }]
  })
}

function isOnRecord(sink: CaptureSink, store: StoreSeen, { type, steps }: CreatedSet, key: Json): boolean {
  const found = sink.onRecord(store, type, key)
  return found?.state !== undefined && there.has(found.state) && !goApart(found.removal, steps[0])
}

/** What could not be removed is not among them: it may have gone since, and be made anew. */
const there: ReadonlySet<State> = new Set(['live', 'shared', 'kept', 'pending'])
