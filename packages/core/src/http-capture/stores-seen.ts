/** Stores to which tests of this process send changes: the targets of `track()` calls with only a path. */
import { sameHost } from '../http-rules/origins.ts'
import type { CaptureSink } from '../resource/capture.ts'
import type { StoreRef } from '../resource/resource.ts'

type Place = Omit<StoreRef, 'driver'>

const seen = new Set<string>()
let capturing: CaptureSink | undefined

export const storesSeen = {
  begin(sink: CaptureSink): void {
    capturing = sink
    seen.clear()
  },
  note(store: string): void {
    if (!seen.has(store) && ![...seen].some((known) => sameHost(known) === sameHost(store))) seen.add(store)
  },
  /** The store in which the caller's scope last created something, else the only one seen. Never one of several. */
  lastUsed(serves: (store: string) => boolean): Place | undefined {
    for (const { store, removal } of capturing?.known() ?? []) {
      if (removal && 'op' in removal && removal.op === 'request' && serves(store.id)) return place(store)
    }
    const served = [...seen].filter(serves)
    return served.length === 1 ? { id: served[0] as string } : undefined
  },
}

function place({ id, bound }: StoreRef): Place {
  return { id, ...(bound === undefined ? {} : { bound }) }
}
