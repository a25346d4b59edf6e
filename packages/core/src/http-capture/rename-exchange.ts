/**
 * The user's own renames: the resource gets another id or name, and the recorded one may be reused by somebody else's resource.
 */

import type { AnswerHead, Exchange, SentRequest } from '../http-answers/exchange.ts'
import { isSameStore, ownRequest } from '../http-answers/referred.ts'
import { requestBody } from '../http-answers/request-body.ts'
import { type AnswerBody, answerBody } from '../http-client/answer-body.ts'
import { unwrapped } from '../http-rules/default-ids.ts'
import { looksLikeId, routeOfPath } from '../http-rules/noun.ts'
import { trimmed } from '../http-rules/route.ts'
import type { CaptureSink, KnownResource, StoreSeen } from '../resource/capture.ts'
import type { Json } from '../resource/resource.ts'

/** Undefined if the path belongs to nothing that this scope knows. */
export function renameExchange(sink: CaptureSink, store: StoreSeen, request: SentRequest): Exchange | undefined {
  const path = trimmed(request.path)
  const isNamed = (one: KnownResource) => isSameStore(one, store) && ownRequest(one, path)?.path === path
  const found = [...sink.known()].filter(isNamed)
  if (found.length === 0) return undefined
  const sent = requestBody(request.headers)
  let body: AnswerBody | undefined
  const settle = () => {
    const shown = body?.tooLarge ? undefined : body?.read()
    body = undefined
    for (const resource of found)
      if (isRenamed(resource, sent.read(), shown)) dropRenamed(sink, store, request, resource)
  }
  return {
    sends: sent.add,
    answered(answer) {
      if (isDone(answer)) body = answerBody(answer.header('content-encoding'))
      return body !== undefined
    },
    receives: (chunk) => body?.add(chunk),
    ended: settle,
    cutOff: settle,
    failed() {},
  }
}

const isDone = ({ real, status }: AnswerHead): boolean => real && (status === 200 || status === 201)

/** The answer has the new id or name that was sent, and nothing equal to the recorded one. */
function isRenamed({ key, type }: KnownResource, sent: Json | undefined, shown: Json | undefined): boolean {
  const fields = fieldsOf(unwrapped(shown, type))
  if (Object.values(fields).some((value) => String(value) === String(key))) return false
  return Object.entries(fieldsOf(unwrapped(sent, type) ?? sent)).some(
    ([name, value]) => (ids.test(name) || (names.test(name) && !looksLikeId(String(key)))) && fields[name] === value,
  )
}

const ids = /^(_?id|uuid)$/
const names = /^(slug|handle|username|login|key)$/

function fieldsOf(value: Json | undefined): { readonly [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as { readonly [name: string]: Json })
    : {}
}

function dropRenamed(
  sink: CaptureSink,
  store: StoreSeen,
  request: SentRequest,
  { id, type, key }: KnownResource,
): void {
  const via = `${request.method} ${routeOfPath(trimmed(request.path))}`
  sink.gone(store, type, [key], undefined, id)
  sink.warn(
    'DUSTPAN_NO_ID',
    via,
    `${via}: a test changed the id or name of a ${type} that it had created, so it is no longer tracked. Track it by hand: track() takes a full URL.`,
  )
}
