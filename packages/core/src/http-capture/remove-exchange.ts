/** The user's own removals: resources that a test deletes itself are dropped from the record. */

import { ownerOf } from '../http-answers/address.ts'
import type { AnswerHead, Exchange, SentRequest } from '../http-answers/exchange.ts'
import { isDryRun } from '../http-answers/existed.ts'
import { isSameStore, type OwnRequest, ownRequest } from '../http-answers/referred.ts'
import { type AnswerBody, answerBody, parseJson } from '../http-client/answer-body.ts'
import { headerPairs, mergedHeaders } from '../http-client/headers.ts'
import { formFor } from '../http-rules/deletion.ts'
import { errorSign } from '../http-rules/error-sign.ts'
import { noneRemoved } from '../http-rules/none-removed.ts'
import { isRemovalOption, parametersOf } from '../http-rules/parameters.ts'
import { trimmed } from '../http-rules/route.ts'
import type { CaptureSink, KnownResource, StoreSeen } from '../resource/capture.ts'
import type { Profile } from '../resource/profile.ts'
import { owners } from './owners.ts'
import { removedHere } from './restore-exchange.ts'

interface UserRequest {
  readonly request: SentRequest
  /** Headers sent with Dustpan's own requests. */
  readonly own: Readonly<Record<string, unknown>>
  readonly deletion: Profile['deletion'] | undefined
}

/**
 * Undefined if this request removes nothing that the scope knows. A resource only marked as deleted stays
 * recorded if Dustpan deletes permanently.
 */
export function removeExchange(sink: CaptureSink, store: StoreSeen, userRequest: UserRequest): Exchange | undefined {
  const found = removedBy(sink.known(), store, userRequest)
  if (found.length === 0) return undefined
  return exchangeOf(userRequest.request, () => {
    for (const one of found) {
      sink.gone(store, one.type, [one.key], undefined, one.id)
      removedHere.note(one, trimmed(userRequest.request.path))
    }
  })
}

/** A body that reports an error or denies the removal overrules the status. An unread body says nothing. */
function exchangeOf(request: SentRequest, drop: () => void): Exchange {
  let body: AnswerBody | undefined
  let status = 0
  let isOver = false
  const settle = () => {
    if (isOver || !body) return
    isOver = true
    const text = body.tooLarge ? '' : body.text()
    if (!errorSign(parseJson(text)) && noneRemoved(status, text) === undefined) drop()
  }
  return {
    answered(answer) {
      if (!isDone(answer) || isDryRun(request)) return false
      status = answer.status
      body = answerBody(answer.header('content-encoding'))
      if (isJson(answer)) return true
      settle()
      return false
    },
    receives: (chunk) => body?.add(chunk),
    ended: settle,
    cutOff: settle,
    failed() {},
  }
}

/** 202: accepted, but perhaps not done yet. */
const isDone = ({ real, status }: AnswerHead): boolean => real && status >= 200 && status < 300 && status !== 202

const isJson = ({ status, header }: AnswerHead): boolean =>
  status !== 204 && status !== 205 && /\bjson\b/i.test(header('content-type') ?? '')

function removedBy(
  known: Iterable<KnownResource>,
  store: StoreSeen,
  userRequest: UserRequest,
): readonly KnownResource[] {
  const { request, deletion = 'configured' } = userRequest
  const path = trimmed(request.path)
  const found: KnownResource[] = []
  for (const resource of known) {
    if (!isSameStore(resource, store)) continue
    const own = ownRequest(resource, path, (template) => formFor(template, deletion))
    if (own?.path !== path || own.method !== request.method) continue
    if (hasQuery(request.path, own.query) && isOfOwner(resource, own, userRequest)) found.push(resource)
  }
  return found
}

/**
 * `?permanent=true` in the removal makes it differ from the one without, and `?dryRun=true` in the test's request means it
 * removes nothing. Parameters that only say how to remove are ignored.
 */
function hasQuery(target: string, query: string): boolean {
  const sent = parametersOf(target)
  const own = parametersOf(`?${query}`)
  const isOwn = (name: string) => own.some((one) => one[0] === name)
  return (
    own.every(([name, value]) => sent.some((one) => one[0] === name && one[1] === value)) &&
    sent.every(([name]) => isOwn(name) || isRemovalOption(name))
  )
}

/** Whether the owner in the request's headers is the one that the creating request named, or its removal. */
function isOfOwner({ id }: KnownResource, { headers = {} }: OwnRequest, { request, own }: UserRequest): boolean {
  const owner = ownerOf(request.headers(), request.origin)
  return owner === owners.of(id) || owner === ownerOf(headerPairs(mergedHeaders(own, headers)), request.origin)
}
