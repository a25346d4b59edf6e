/** Which resources an event concerns. */
import type { ResourceId } from '../resource/resource.ts'
import type { EventBody, LedgerEvent } from './events.ts'

type Mentioned = { readonly [E in EventBody['e']]: (event: Extract<EventBody, { e: E }>) => readonly ResourceId[] }

const none = (): readonly ResourceId[] => []
const listed = ({ ids = [] }: { readonly ids?: readonly ResourceId[] }): readonly ResourceId[] => ids

/** The end of a batch concerns the same resources as its beginning. */
const mentioned: Mentioned = {
  alive: none,
  writer: none,
  'scope.opened': none,
  'scope.closed': none,
  policy: none,
  'create.intended': none,
  'create.none': none,
  created: ({ dependsOn = [], keys, set }) =>
    dependsOn.length === 0 ? [] : [...dependsOn, ...keys.map((_, i) => `${set}.${i}`)],
  'tx.committing': none,
  'tx.settled': none,
  gone: listed,
  kept: listed,
  // Counted together with the end of the batch.
  'removal.begun': none,
  'removal.ended': none,
  'removal.backed-up': listed,
  'removal.noted': listed,
  'restore.begun': listed,
  'restore.ended': none,
  followed: ({ told }) => told.map(([id]) => id),
  'step.skipped': listed,
  released: listed,
  forgotten: listed,
  warning: none,
  'run.ended': none,
}

export function mentionedIn(event: LedgerEvent): readonly ResourceId[] {
  return (mentioned[event.e] as ((event: EventBody) => readonly ResourceId[]) | undefined)?.(event) ?? []
}
