/** The user's own restores: a resource that a test removed, and the service only marked as deleted, is recorded again. */

import type { Exchange, SentRequest } from '../http-answers/exchange.ts'
import { isDryRun } from '../http-answers/existed.ts'
import { isSameStore } from '../http-answers/referred.ts'
import { requestBody } from '../http-answers/request-body.ts'
import { asksForSeveral, sameBody } from '../http-answers/same-body.ts'
import { creators } from '../http-client/creators.ts'
import { routeOfPath } from '../http-rules/noun.ts'
import type { PlainRequest } from '../http-rules/plain-request.ts'
import { fillRequest, keyValues, type RequestTemplate } from '../http-rules/request-template.ts'
import { trimmed } from '../http-rules/route.ts'
import type { CaptureSink, KnownResource, StoreSeen } from '../resource/capture.ts'
import type { Json, ResourceId } from '../resource/resource.ts'
import { owners } from './owners.ts'
import type { Meaning } from './whichever.ts'

interface Removed {
  readonly resource: KnownResource
  /** Its own path, and its rule's restore request: `PATCH /users/4/activate`. */
  readonly places: readonly string[]
  /** The body of the restore request. */
  readonly body?: Json
}

const byPath = new Map<string, Set<Removed>>()

/** Created by a PUT answered 201: their ids were not given by the service, and somebody else may choose them too. */
const named = new Set<ResourceId>()

export const removedHere = {
  /** A run begins. */
  begin(): void {
    byPath.clear()
    named.clear()
  },
  named(ids: readonly ResourceId[]): void {
    for (const id of ids) named.add(id)
  },
  /** @param path its own; undefined: it has none */
  note(resource: KnownResource, path: string | undefined): void {
    const restore = restoreOf(resource)
    const places = [path, restore && placeOf(restore)].filter((place) => place !== undefined)
    const one: Removed = { resource, places, ...(restore?.body === undefined ? {} : { body: restore.body }) }
    for (const place of places) byPath.set(place, (byPath.get(place) ?? new Set()).add(one))
  },
}

/** Undefined if the request restores nothing that was removed in this process. */
export function restoreExchange(sink: CaptureSink, store: StoreSeen, request: SentRequest): Meaning | undefined {
  if (byPath.size === 0 || !methods.has(request.method)) return undefined
  const path = trimmed(request.path)
  const ofRule = `${request.method} ${path}`
  const place = [ofRule, ...placesOf(request.method, path)].find((one) => byPath.has(one))
  const found = [...(byPath.get(place ?? '') ?? [])].filter(({ resource }) => isSameStore(resource, store))
  if (found.length === 0) return undefined
  const sent = requestBody(request.headers)
  // What can be changed at its own path exists, whatever the change.
  const needsBody = ({ body, places }: Removed) =>
    place === ofRule && body !== undefined && (request.method === 'POST' || !places.includes(path))
  const meant = () =>
    found.filter((one) => !needsBody(one) || sameBody(one.body ?? null, sent.read(), one.resource.key))
  const putBack = () => {
    for (const one of meant()) {
      if (!forget(one) || isRecorded(sink, store, one.resource)) continue
      if (place === path && named.has(one.resource.id)) warnOfOther(sink, request)
      else recordAgain(sink, one.resource)
    }
    sent.release()
  }
  const exchange: Exchange = {
    ...(found.some(needsBody) ? { sends: sent.add } : {}),
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
  const isMeant = () => meant().length > 0
  return found.every(needsBody) ? { exchange, isMeant, isBoth: () => asksForSeveral(sent.read()) } : { exchange }
}

/** Its name was free after the removal: somebody else may have created what is there now. */
function warnOfOther(sink: CaptureSink, { method, path }: SentRequest): void {
  const route = `${method} ${routeOfPath(trimmed(path))}`
  sink.warn(
    'DUSTPAN_NO_ID',
    route,
    `${route} was not answered 201 after the test had removed that resource, so somebody else may have created it again: it is not tracked. Track it by hand: track() takes a full URL.`,
  )
}

const methods = new Set(['POST', 'PUT', 'PATCH'])

/** `/users/4/restore`, `/users/4:undelete`; a resource that can be changed at its own path exists. */
function placesOf(method: string, path: string): readonly string[] {
  const above = /^(.+)[/:](restore|undelete|recover|reactivate|unarchive)$/i.exec(path)?.[1]
  return [...(method === 'POST' ? [] : [path]), ...(above === undefined ? [] : [above])]
}

function restoreOf({ removal, key }: KnownResource): PlainRequest | undefined {
  if (!removal || 'closure' in removal || removal.op !== 'request') return undefined
  return fillRequest(removal.args as unknown as RequestTemplate, keyValues(key)).restore
}

const placeOf = ({ method, url }: PlainRequest): string => `${method} ${trimmed(url.replace(/^https?:\/\/[^/]+/, ''))}`

function forget(one: Removed): boolean {
  const isKnown = one.places.some((place) => byPath.get(place)?.delete(one))
  for (const place of one.places) {
    byPath.get(place)?.delete(one)
    if (byPath.get(place)?.size === 0) byPath.delete(place)
  }
  return isKnown
}

/** It was recreated since. */
function isRecorded(sink: CaptureSink, store: StoreSeen, { type, key, removal }: KnownResource): boolean {
  const by = removal && !('closure' in removal) ? removal : undefined
  return sink.onRecord(store, type, key, by)?.state === 'live'
}

function recordAgain(sink: CaptureSink, { id }: KnownResource): void {
  const back = sink.back?.(id)
  if (back === undefined) return
  creators.same(back, id)
  owners.same(back, id)
  if (named.has(id)) named.add(back)
}
