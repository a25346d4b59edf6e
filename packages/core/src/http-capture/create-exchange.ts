/** A request that may create: the intent before it is sent, the fact before the test sees the end of the answer. */

import { type AnswerBody, answerBody } from '../http-client/answer-body.ts'
import { credentialOf } from '../http-client/answers.ts'
import { creators } from '../http-client/creators.ts'
import type { CaptureSink, PendingCreate, StoreSeen } from '../resource/capture.ts'
import type { Json } from '../resource/resource.ts'
import { addressDoubt, hostOf } from './address.ts'
import { announcedType, creationsIn, routeText, tellsOfCreation } from './creations.ts'
import { type Doubt, doubts } from './doubts.ts'
import type { AnswerHead, Exchange, SentRequest } from './exchange.ts'
import { referred } from './referred.ts'
import { type RequestBody, requestBody } from './request-body.ts'
import type { SeenAnswer, SeenCreation } from './seen-creation.ts'

interface Underway {
  readonly sink: CaptureSink
  readonly creation: SeenCreation
  readonly request: SentRequest
  /** Headers that go with the removal. */
  readonly own: Readonly<Record<string, unknown>>
  readonly via: string
  readonly pending: PendingCreate
  readonly sent: RequestBody
  /** What the request refers to, looked up in the caller's scope. */
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
  return exchangeOf({ sink, creation, request, own, via, pending, refersTo, sent, settled: false })
}

function exchangeOf(underway: Underway): Exchange {
  return {
    sends: (chunk) => underway.sent.add(chunk),
    answered: (answer) => answered(underway, answer),
    receives: (chunk) => underway.body?.add(chunk),
    ended: () => settle(underway, true),
    cutOff: () => settle(underway, false),
    failed(wasSent) {
      if (!wasSent && !underway.settled) none(underway, 'rejected')
    },
  }
}

function answered(underway: Underway, answer: AnswerHead): boolean {
  if (!answer.real) return none(underway, 'mocked')
  if (answer.status >= 400) return none(underway, 'rejected')
  if (!tellsOfCreation(underway.creation, answer.status)) return none(underway, 'not-a-creation')
  underway.answer = answer
  underway.body = answerBody(answer.header('content-encoding'))
  return true
}

function none(underway: Underway, why: Parameters<PendingCreate['none']>[0]): false {
  underway.settled = true
  underway.pending.none(why)
  return false
}

function settle(underway: Underway, whole: boolean): void {
  const { answer, body } = underway
  if (underway.settled || !answer || !body) return
  underway.settled = true
  if (answer.isElsewhere) warn(underway, doubts.otherAddress)
  else record(underway, whole && !body.tooLarge ? body : undefined)
}

/** @param body undefined: it did not come whole, or is too large. */
function record(underway: Underway, body: AnswerBody | undefined): void {
  const { creation, pending } = underway
  const { sets, doubt, none: why } = creationsIn(creation, seenAnswer(underway, body?.read()))
  const dependsOn = underway.refersTo()
  if (why) pending.none(why)
  else if (sets.length > 0) {
    const ids = pending.created(dependsOn.length === 0 ? sets : sets.map((set) => ({ ...set, dependsOn })))
    creators.note(ids, credentialOf(underway.request.headers()))
  }
  if (sets.length === 0 && !why && !body) warnUnread(underway)
  else if (doubt) warn(underway, doubt, sets.length > 0 ? 'not all of it is tracked' : undefined)
}

function seenAnswer({ answer, creation, request, own, sent }: Underway, body: Json | undefined): SeenAnswer {
  const header = (name: string) => answer?.header(name)
  return {
    header,
    ...locationPath(header('location'), creation, request.origin),
    body,
    get sent() {
      return sent.read()
    },
    get isOpaque() {
      return sent.isOpaque
    },
    doubt: creation.matched ? undefined : addressDoubt(request, own),
  }
}

/** The intent stays: something was created, and nobody knows what. */
function warn({ sink, via, answer, creation }: Underway, doubt: Doubt, how = 'it is not tracked'): void {
  const told = `${via} was answered ${answer?.status}, but ${doubt.why}: ${how}.`
  sink.warn('DUSTPAN_NO_ID', via, `${told} ${toDo(via, creation, doubt)}`)
}

function toDo(via: string, { matched }: SeenCreation, { rule }: Doubt): string {
  if (rule === undefined) return 'Name it by hand: track() takes a full URL.'
  if (matched) return `Its rule has to say what was created, as by ${rule}.`
  return `A rule says what was created: { create: '${via.replaceAll('{id}', '*')}', ${rule} }.`
}

function warnUnread({ sink, via, answer }: Underway): void {
  sink.warn(
    'DUSTPAN_BODY_UNREAD',
    via,
    `${via} was answered ${answer?.status}, but its body was not read to the end, or is larger than 1 MB.`,
  )
}

/** Another host in `Location` is looked at when the path goes on from the create's: a proxy may be in between. */
function locationPath(
  location: string | undefined,
  { path, slash }: SeenCreation,
  base: string,
): Pick<SeenAnswer, 'location' | 'isElsewhere'> {
  if (location === undefined || !URL.canParse(location, base + path + slash)) return { location: undefined }
  const { origin, pathname } = new URL(location, base + path + slash)
  if (hostOf(origin) === hostOf(base)) return { location: pathname }
  return pathname.startsWith(`${path}/`) ? { location: pathname, isElsewhere: true } : { location: undefined }
}
