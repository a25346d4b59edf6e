/** The user's own removals: resources that a test deletes itself are dropped from the record. */

import { ownerOf } from '../http-answers/address.ts'
import type { AnswerHead, Exchange, SentRequest } from '../http-answers/exchange.ts'
import { isDryRun } from '../http-answers/existed.ts'
import { isSameStore, type OwnRequest, ownRequest, removalRequest } from '../http-answers/referred.ts'
import { requestBody } from '../http-answers/request-body.ts'
import { asksForSeveral, sameBody } from '../http-answers/same-body.ts'
import { type AnswerBody, answerBody, parseJson } from '../http-client/answer-body.ts'
import { headerPairs, mergedHeaders } from '../http-client/headers.ts'
import { formFor } from '../http-rules/deletion.ts'
import { errorSign } from '../http-rules/error-sign.ts'
import { noneRemoved } from '../http-rules/none-removed.ts'
import { isRemovalOption, parametersOf } from '../http-rules/parameters.ts'
import type { RequestTemplate } from '../http-rules/request-template.ts'
import { trimmed } from '../http-rules/route.ts'
import type { CaptureSink, KnownResource, StoreSeen } from '../resource/capture.ts'
import type { Profile } from '../resource/profile.ts'
import type { Json } from '../resource/resource.ts'
import { owners } from './owners.ts'
import { removedHere } from './restore-exchange.ts'
import type { Meaning } from './whichever.ts'

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
export function removeExchange(sink: CaptureSink, store: StoreSeen, userRequest: UserRequest): Meaning | undefined {
  const { request } = userRequest
  const found = removedBy(sink.known(), store, userRequest)
  if (found.length === 0) return undefined
  const sent = requestBody(request.headers)
  const meant = () =>
    found.filter(({ body, resource }) => body === undefined || sameBody(body, sent.read(), resource.key))
  const removed = exchangeOf(request, () => {
    for (const { resource, path } of meant()) {
      sink.gone(store, resource.type, [resource.key], undefined, resource.id)
      removedHere.note(resource, path)
    }
  })
  if (found.every(({ body }) => body === undefined)) return { exchange: removed }
  const exchange = { ...removed, sends: sent.add }
  if (found.some(({ body }) => body === undefined)) return { exchange }
  return { exchange, isMeant: () => meant().length > 0, isBoth: () => asksForSeveral(sent.read()) }
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

interface Removed {
  readonly resource: KnownResource
  /** That the request must have: the path is shared with other requests. */
  readonly body?: Json | undefined
  /** The resource's own path, if it has one. */
  readonly path: string | undefined
}

function removedBy(known: Iterable<KnownResource>, store: StoreSeen, userRequest: UserRequest): readonly Removed[] {
  const { request, deletion = 'configured' } = userRequest
  const path = trimmed(request.path)
  const form = (template: RequestTemplate) => formFor(template, deletion)
  const found: Removed[] = []
  for (const resource of known) {
    if (!isSameStore(resource, store)) continue
    const isSent = (own: OwnRequest) =>
      own.path === path &&
      own.method === request.method &&
      hasQuery(request.path, own.query) &&
      isOfOwner(resource, own, userRequest)
    const own = ownRequest(resource, path, form)
    const whole = removalRequest(resource, path, form)
    if (whole && isSent(whole) && hasHeaders(request, whole.named))
      found.push({ resource, path: own?.path, body: whole.body })
    else if (own && isSent(own) && !(whole?.path === path && whole.method === own.method))
      found.push({ resource, path })
  }
  return found
}

/** Whether it has the headers that identify the resource. */
function hasHeaders(request: SentRequest, named: Readonly<Record<string, string>>): boolean {
  const sent = new Map(request.headers().map(([name, value]) => [name.toLowerCase(), value.trim()]))
  return Object.entries(named).every(([name, value]) => sent.get(name.toLowerCase()) === value)
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
