/** The user's own restores: a resource that a test removed, and the service only marked as deleted, is recorded again. */

import type { Exchange, SentRequest } from '../http-answers/exchange.ts'
import { isDryRun } from '../http-answers/existed.ts'
import { isSameStore } from '../http-answers/referred.ts'
import { creators } from '../http-client/creators.ts'
import { fillRequest, keyValues, type RequestTemplate } from '../http-rules/request-template.ts'
import { trimmed } from '../http-rules/route.ts'
import type { CaptureSink, KnownResource, StoreSeen } from '../resource/capture.ts'
import { owners } from './owners.ts'

interface Removed {
  readonly resource: KnownResource
  /** Its own path, and its rule's restore request: `PATCH /users/4/activate`. */
  readonly places: readonly string[]
}

const byPath = new Map<string, Set<Removed>>()

export const removedHere = {
  /** A run begins. */
  begin(): void {
    byPath.clear()
  },
  /** @param path its own, by which it was removed */
  note(resource: KnownResource, path: string): void {
    const one: Removed = { resource, places: [path, restoreOf(resource) ?? path] }
    for (const place of one.places) byPath.set(place, (byPath.get(place) ?? new Set()).add(one))
  },
}

/** Undefined if the request restores nothing that was removed in this process. */
export function restoreExchange(sink: CaptureSink, store: StoreSeen, request: SentRequest): Exchange | undefined {
  if (byPath.size === 0 || !methods.has(request.method)) return undefined
  const path = trimmed(request.path)
  const place = [`${request.method} ${path}`, ...placesOf(request.method, path)].find((one) => byPath.has(one))
  const found = [...(byPath.get(place ?? '') ?? [])].filter(({ resource }) => isSameStore(resource, store))
  if (found.length === 0) return undefined
  const putBack = () => {
    for (const one of found) if (forget(one)) recordAgain(sink, store, one.resource)
  }
  return {
    answered({ real, status }) {
      // A creation by PUT is reported by the create exchange.
      const isNew = place === path && status === 201
      if (real && status >= 200 && status < 300 && !isNew && !isDryRun(request)) putBack()
      return false
    },
    receives() {},
    ended() {},
    cutOff() {},
    failed: (wasSent) => wasSent && putBack(),
  }
}

const methods = new Set(['POST', 'PUT', 'PATCH'])

/** `/users/4/restore`, `/users/4:undelete`; a resource that can be changed at its own path exists. */
function placesOf(method: string, path: string): readonly string[] {
  const above = /^(.+)[/:](restore|undelete|recover|reactivate|unarchive)$/i.exec(path)?.[1]
  return [...(method === 'POST' ? [] : [path]), ...(above === undefined ? [] : [above])]
}

function restoreOf({ removal, key }: KnownResource): string | undefined {
  if (!removal || 'closure' in removal || removal.op !== 'request') return undefined
  const { restore } = fillRequest(removal.args as unknown as RequestTemplate, keyValues(key))
  return restore && `${restore.method} ${trimmed(restore.url.replace(/^https?:\/\/[^/]+/, ''))}`
}

function forget(one: Removed): boolean {
  const isKnown = one.places.some((place) => byPath.get(place)?.delete(one))
  for (const place of one.places) {
    byPath.get(place)?.delete(one)
    if (byPath.get(place)?.size === 0) byPath.delete(place)
  }
  return isKnown
}

/** Records it again, unless it was recreated since. */
function recordAgain(sink: CaptureSink, store: StoreSeen, { id, type, key, removal }: KnownResource): void {
  const by = removal && !('closure' in removal) ? removal : undefined
  if (sink.onRecord(store, type, key, by)?.state === 'live') return
  const back = sink.back?.(id)
  if (back === undefined) return
  creators.same(back, id)
  owners.same(back, id)
}
