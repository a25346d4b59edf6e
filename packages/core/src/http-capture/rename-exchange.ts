/** The user's own renaming: what a test created has another id or name then, and the one on record may become somebody else's. */
import { type AnswerBody, answerBody } from '../http-client/answer-body.ts'
import { unwrapped } from '../http-rules/default-ids.ts'
import { looksLikeId, routeOfPath } from '../http-rules/noun.ts'
import { trimmed } from '../http-rules/route.ts'
import type { CaptureSink, KnownResource, StoreSeen } from '../resource/capture.ts'
import type { Json } from '../resource/resource.ts'
import type { AnswerHead, Exchange, SentRequest } from './exchange.ts'
import { isSameStore, ownRequest } from './referred.ts'
import { requestBody } from './request-body.ts'

/** Undefined when this is the path of nothing that this scope knows. */
export function renameExchange(sink: CaptureSink, store: StoreSeen, request: SentRequest): Exchange | undefined {
  const path = trimmed(request.path)
  const isAsked = (one: KnownResource) => isSameStore(one, store) && ownRequest(one, path)?.path === path
  const found = [...sink.known()].filter(isAsked)
  if (found.length === 0) return undefined
  const sent = requestBody(request.headers)
  let body: AnswerBody | undefined
  const settle = () => {
    const shown = body?.tooLarge ? undefined : body?.read()
    body = undefined
    for (const resource of found) if (isRenamed(resource, sent.read(), shown)) end(sink, store, request, resource)
  }
  return {
    sends: (chunk) => sent.add(chunk),
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

/** The answer has what was sent as the new id or name, and nothing that is the one on record. */
function isRenamed({ key, type }: KnownResource, sent: Json | undefined, shown: Json | undefined): boolean {
  const thing = fieldsOf(unwrapped(shown, type))
  if (Object.values(thing).some((value) => String(value) === String(key))) return false
  return Object.entries(fieldsOf(unwrapped(sent, type) ?? sent)).some(
    ([name, value]) => (ids.test(name) || (names.test(name) && !looksLikeId(String(key)))) && thing[name] === value,
  )
}

const ids = /^(_?id|uuid)$/
const names = /^(slug|handle|username|login|key)$/

function fieldsOf(value: Json | undefined): { readonly [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as { readonly [name: string]: Json })
    : {}
}

function end(sink: CaptureSink, store: StoreSeen, request: SentRequest, { id, type, key }: KnownResource): void {
  const via = `${request.method} ${routeOfPath(trimmed(request.path))}`
  sink.gone(store, type, [key], undefined, id)
  sink.warn(
    'DUSTPAN_NO_ID',
    via,
    `${via}: a test changed the id or name of a ${type} that it had created, so it is no longer tracked. Track it by hand: track() takes a full URL.`,
  )
}
