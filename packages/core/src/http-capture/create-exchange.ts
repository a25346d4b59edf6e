/** A request that may create: the intent is recorded before it is sent, the result before the test sees the end of the answer. */

import { ownerOf } from '../http-answers/address.ts'
import { lastSegment } from '../http-answers/created-set.ts'
import { announcedType, creationsIn, isCreationStatus, routeText } from '../http-answers/creations.ts'
import { type Doubt, doubts } from '../http-answers/doubts.ts'
import type { AnswerHead, Exchange, SentRequest } from '../http-answers/exchange.ts'
import { isDryRun, namesExisting } from '../http-answers/existed.ts'
import { referred } from '../http-answers/referred.ts'
import { requestBody } from '../http-answers/request-body.ts'
import { type AnsweredRequest, isReplay, seenAnswer } from '../http-answers/seen-answer.ts'
import type { SeenCreation } from '../http-answers/seen-creation.ts'
import { namesOne, readsCollection } from '../http-answers/segments.ts'
import { type AnswerBody, answerBody } from '../http-client/answer-body.ts'
import { credentialOf } from '../http-client/answers.ts'
import { creators } from '../http-client/creators.ts'
import { idOf, unwrapped } from '../http-rules/default-ids.ts'
import { isPresentational, parametersOf } from '../http-rules/parameters.ts'
import type { CaptureSink, CreatedSet, PendingCreate, StoreSeen } from '../resource/capture.ts'
import type { Json } from '../resource/resource.ts'
import { notOnRecord } from './on-record.ts'
import { owners } from './owners.ts'
import { removedHere } from './restore-exchange.ts'
import { isNoAnswer, unanswered } from './unanswered.ts'

interface Underway extends AnsweredRequest {
  readonly sink: CaptureSink
  readonly via: string
  readonly pending: PendingCreate
  /** Resources that the request refers to, looked up in the caller's scope. */
  refersTo(): readonly string[]
  answer?: AnswerHead
  body?: AnswerBody
  settled: boolean
}

export function createExchange(
  sink: CaptureSink,
  store: StoreSeen,
  creation: SeenCreation,
  request: SentRequest,
  own: Readonly<Record<string, unknown>> = {},
): Exchange | undefined {
  const via = routeText(creation)
  const pending = sink.begin({ kind: 'http', store, type: announcedType(creation), via })
  if (!pending) return undefined
  const sent = requestBody(request.headers)
  const refersTo = sink.bind(() => referred(sink.known(), store, creation.path, sent.read()))
  const since = sink.scopeBegan?.()
  return exchangeOf({ sink, store, creation, request, own, via, pending, refersTo, sent, since, settled: false })
}

function exchangeOf(underway: Underway): Exchange {
  const { request, pending } = underway
  return {
    sends: underway.sent.add,
    answered: (answer) => answered(underway, answer),
    receives: (chunk) => underway.body?.add(chunk),
    ended: () => settle(underway, true),
    cutOff: () => settle(underway, false),
    failed(wasSent) {
      if (underway.settled) return
      if (wasSent) unanswered.note(request, pending)
      else none(underway, 'rejected')
    },
  }
}

function answered(underway: Underway, answer: AnswerHead): boolean {
  if (!answer.real) return none(underway, 'mocked')
  // An in-process server has no gateway in front: the status comes from the application.
  if (isNoAnswer(answer.status) && !underway.store.inProcess) return keepOpen(underway)
  if (answer.status >= 400) return none(underway, 'rejected')
  const before = unanswered.take(underway.request)
  const why = noCreation(underway, answer)
  if (why) {
    const doubt = before.length > 0 ? doubts.notAnswered : doubtOfStatus(underway.creation, answer.status)
    if (doubt) warn({ ...underway, answer }, doubt)
    return none(underway, why)
  }
  // Created by this PUT, so not by an earlier one.
  if (answer.status === 201 && underway.creation.method === 'PUT') for (const one of before) one.none('rejected')
  underway.answer = answer
  underway.body = answerBody(answer.header('content-encoding'))
  return true
}

function noCreation(
  { creation, request, sent }: Underway,
  { status, header }: AnswerHead,
): 'not-a-creation' | 'updated-existing' | undefined {
  if (!isCreationStatus(creation, status) || isDryRun(request)) return 'not-a-creation'
  if (onlyReads(creation) && header('location') === undefined) return 'not-a-creation'
  return namesExisting(request, sent.read) ? 'updated-existing' : undefined
}

const onlyReads = ({ method, path, matched }: SeenCreation): boolean =>
  !matched && method === 'POST' && readsCollection(path)

/** 207 reports several results, each with its own status, and nothing says where. */
const doubtOfStatus = ({ method, matched }: SeenCreation, status: number): Doubt | undefined =>
  status === 207 && method === 'POST' && !matched ? doubts.multiStatus : undefined

/** The intent stays open: the request may have been carried out. */
function keepOpen(underway: Underway): false {
  close(underway)
  unanswered.note(underway.request, underway.pending)
  return false
}

function none(underway: Underway, why: Parameters<PendingCreate['none']>[0]): false {
  close(underway)
  underway.pending.none(why)
  return false
}

function settle(underway: Underway, whole: boolean): void {
  const { answer, body } = underway
  if (underway.settled || !answer || !body) return
  underway.settled = true
  if (answer.isElsewhere) recordNone(underway)
  else record(underway, whole && !body.tooLarge ? body : undefined)
  close(underway)
}

function close(underway: Underway): void {
  underway.settled = true
  underway.sent.release()
}

function recordNone(underway: Underway): void {
  underway.pending.none('no-id')
  warn(underway, doubts.otherAddress)
}

/** @param body undefined: incomplete or too large */
function record(underway: Underway, body: AnswerBody | undefined): void {
  const { creation, sink, store } = underway
  const { sets, doubt, none: why } = creationsIn(creation, seenAnswer(underway, underway.answer, body?.read()))
  const newSets = notOnRecord(sink, store, sets)
  const isReplayed = isReplay(underway.answer) && sets.length > 0
  if (why) underway.pending.none(why)
  else if (isReplayed || (sets.length > 0 && newSets.length === 0)) underway.pending.none('updated-existing')
  else if (newSets.length > 0) recordNew(underway, newSets)
  else underway.pending.none('no-id')
  if (isReplayed && newSets.length > 0) warn(underway, doubts.replayed)
  else if (sets.length === 0 && !why && !body) warnUnread(underway)
  else if (doubt) warn(underway, doubt, sets.length > 0 ? 'not all of it is tracked' : undefined)
}

function recordNew({ pending, request, refersTo, creation, answer }: Underway, sets: readonly CreatedSet[]): void {
  const dependsOn = refersTo()
  const ids = pending.created(dependsOn.length === 0 ? sets : sets.map((set) => ({ ...set, dependsOn })))
  creators.note(ids, credentialOf(request.headers()))
  owners.note(ids, ownerOf(request.headers(), request.origin))
  if (creation.method === 'PUT' && answer?.status === 201) removedHere.named(ids)
}

function warn({ sink, via, answer, body, creation, request }: Underway, doubt: Doubt, how = 'it is not tracked'): void {
  const route = namesResource(creation, doubt, body?.read()) ? resourceRoute(via) : via
  const what = doubt.of === undefined ? route : `${route} (${doubt.of})`
  const message = `${what} was answered ${answer?.status}, but ${doubt.why}: ${how}.`
  sink.warn('DUSTPAN_NO_ID', what, `${message} ${adviceFor(route, creation, request, doubt)}`)
}

/** Whether the request's path is that of one resource, by the answer or by its own form. */
function namesResource(creation: SeenCreation, doubt: Doubt, body: Json | undefined): boolean {
  const { method, path, matched } = creation
  if (matched || doubt === doubts.notAnswered) return false
  const id = idOf(unwrapped(body, announcedType(creation)))
  if (id !== undefined && String(id) === lastSegment(path)) return true
  return method === 'PUT' && (doubt === doubts.overwritten || doubt === doubts.calledMine || namesOne(path))
}

function adviceFor(via: string, { matched }: SeenCreation, { path }: SentRequest, { rule, advice }: Doubt): string {
  if (advice !== undefined)
    return advice.replaceAll('{route}', () => withQuery(via, path)).replaceAll('{create}', () => via)
  if (rule === undefined) return 'Track it by hand: track() takes a full URL.'
  if (matched) return `Its rule has to say what was created, for example ${rule}.`
  return `Add a rule that says what was created: { create: '${via.replace(/\{id\}(?!$)/g, '*')}', ${rule} }.`
}

/** Names only: a value may be a secret. */
function withQuery(route: string, path: string): string {
  const named = new Set(parametersOf(route).map(([name]) => name))
  const others = parametersOf(path).filter(([name, value]) => !isPresentational(name, value) && !named.has(name))
  const names = new Set(others.map(([name]) => encodeURIComponent(name)))
  if (names.size === 0) return route
  return `${route}${named.size > 0 ? '&' : '?'}${[...names].join('&')}`
}

/** One route for all resources with a name of their own: `PUT /files/a.txt` → `PUT /files/{id}`. */
function resourceRoute(via: string): string {
  return via.replaceAll('{id}', '*').replace(/[^/]*$/, '{id}')
}

function warnUnread({ sink, via, answer }: Underway): void {
  sink.warn(
    'DUSTPAN_BODY_UNREAD',
    via,
    `${via} was answered ${answer?.status}, but its body was not read to the end, or is larger than 1 MB.`,
  )
}
