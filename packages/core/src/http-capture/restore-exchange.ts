/** The user's own restoring: what a test has removed, and the service had only marked as deleted, is on record again. */
import { creators } from '../http-client/creators.ts'
import { fillRequest, keyValues, type RequestTemplate } from '../http-rules/request-template.ts'
import { trimmed } from '../http-rules/route.ts'
import type { CaptureSink, KnownResource, StoreSeen } from '../resource/capture.ts'
import type { Exchange, SentRequest } from './exchange.ts'
import { isDryRun } from './existed.ts'
import { owners } from './owners.ts'
import { isSameStore } from './referred.ts'

interface Removed {
  readonly resource: KnownResource
  /** Its own path, and the request of its rule that brings it back: `PATCH /users/4/activate`. */
  readonly places: readonly string[]
}

const byPlace = new Map<string, Set<Removed>>()

export const removedHere = {
  /** A run begins. */
  begin(): void {
    byPlace.clear()
  },
  /** @param path its own, which it was removed by */
  note(resource: KnownResource, path: string): void {
    const one: Removed = { resource, places: [path, restoreOf(resource) ?? path] }
    for (const place of one.places) byPlace.set(place, (byPlace.get(place) ?? new Set()).add(one))
  },
}

/** Undefined when the request brings nothing back that was removed in this process. */
export function restoreExchange(sink: CaptureSink, store: StoreSeen, request: SentRequest): Exchange | undefined {
  if (byPlace.size === 0 || !methods.has(request.method)) return undefined
  const path = trimmed(request.path)
  const place = [`${request.method} ${path}`, ...placesOf(request.method, path)].find((one) => byPlace.has(one))
  const found = [...(byPlace.get(place ?? '') ?? [])].filter(({ resource }) => isSameStore(resource, store))
  if (found.length === 0) return undefined
  const putBack = () => {
    for (const one of found) if (forget(one)) again(sink, store, one.resource)
  }
  return {
    answered({ real, status }) {
      // What PUT creates anew is told by that.
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

/** `/users/4/restore`, `/users/4:undelete`; and what can be changed at its own path is there. */
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
  const isKnown = one.places.some((place) => byPlace.get(place)?.delete(one))
  for (const place of one.places) {
    byPlace.get(place)?.delete(one)
    if (byPlace.get(place)?.size === 0) byPlace.delete(place)
  }
  return isKnown
}

/** Unless it was made anew since. */
function again(sink: CaptureSink, store: StoreSeen, { id, type, key, removal }: KnownResource): void {
  const by = removal && !('closure' in removal) ? removal : undefined
  if (sink.onRecord(store, type, key, by)?.state === 'live') return
  const back = sink.back?.(id)
  if (back === undefined) return
  creators.same(back, id)
  owners.same(back, id)
}
