/** The user's own removals: what a test deletes itself is struck off. */
import type { CaptureSink, KnownResource, StoreSeen } from '../resource/capture.ts'
import type { Exchange } from './exchange.ts'
import { ownRequest } from './referred.ts'

/** Undefined when nothing that this scope knows is removed by this request. */
export function removeExchange(
  sink: CaptureSink,
  store: StoreSeen,
  method: string,
  path: string,
): Exchange | undefined {
  const resource = findRemoved(sink.known(), store, method, path)
  if (!resource) return undefined
  return {
    answered({ real, status }) {
      // 202: accepted, and perhaps not done.
      if (real && status >= 200 && status < 300 && status !== 202) {
        sink.gone(store, resource.type, [resource.key], undefined, resource.id)
      }
      return false
    },
    receives() {},
    ended() {},
    cutOff() {},
    failed() {},
  }
}

function findRemoved(
  known: Iterable<KnownResource>,
  store: StoreSeen,
  method: string,
  path: string,
): KnownResource | undefined {
  for (const resource of known) {
    if (resource.store.id !== store.id) continue
    const request = ownRequest(resource, path)
    if (request?.path === path && request.method === method) return resource
  }
  return undefined
}
