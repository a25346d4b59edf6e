/** A request that may create: the intent before it is sent, the fact before the test sees the end of the answer. */

import { type AnswerBody, answerBody } from '../http-client/answer-body.ts'
import { sameHost } from '../http-rules/origins.ts'
import type { CaptureSink, PendingCreate, StoreSeen } from '../resource/capture.ts'
import type { Doubt } from './certain-ids.ts'
import { announcedType, creationsIn, routeText, tellsOfCreation } from './creations.ts'
import type { AnswerHead, Exchange, SentRequest } from './exchange.ts'
import { referred } from './referred.ts'
import { type RequestBody, requestBody } from './request-body.ts'
import type { SeenCreation } from './seen-creation.ts'

interface Underway {
  readonly sink: CaptureSink
  readonly store: StoreSeen
  readonly creation: SeenCreation
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
  headers: SentRequest['headers'],
): Exchange | undefined {
  const via = routeText(creation)
  const pending = sink.begin({ kind: 'http', store, type: announcedType(creation), via })
  if (!pending) return undefined
  const sent = requestBody(headers)
  const refersTo = sink.bind(() => referred(sink.known(), store, creation.path, sent.read()))
  return exchangeOf({ sink, store, creation, via, pending, refersTo, sent, settled: false })
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
  const { answer, body, creation, pending, sent } = underway
  if (underway.settled || !answer || !body) return
  underway.settled = true
  const readable = whole && !body.tooLarge
  const { sets, doubt } = creationsIn(creation, {
    header: answer.header,
    location: locationPath(answer.header('location'), underway),
    body: readable ? body.read() : undefined,
    get sent() {
      return sent.read()
    },
  })
  const dependsOn = underway.refersTo()
  if (sets.length === 0) warn(underway, readable ? doubt : undefined)
  else pending.created(dependsOn.length === 0 ? sets : sets.map((set) => ({ ...set, dependsOn })))
}

/** The intent stays: something was created, and nobody knows what. */
function warn({ sink, via, answer, creation }: Underway, doubt: Doubt | undefined): void {
  if (doubt) {
    const rule = creation.matched ? '' : `: { create: '${via.replaceAll('{id}', '*')}', ${doubt.rule} }`
    sink.warn(
      'DUSTPAN_NO_ID',
      via,
      `${via} was answered ${answer?.status}, but ${doubt.why}: it is not tracked. A rule says what was created${rule}.`,
    )
  } else {
    sink.warn(
      'DUSTPAN_BODY_UNREAD',
      via,
      `${via} was answered ${answer?.status}, but its body was not read to the end, or is larger than 1 MB.`,
    )
  }
}

/** Another host in `Location` is believed when the path goes on from the create's: a proxy is in between. */
function locationPath(location: string | undefined, { creation, store }: Underway): string | undefined {
  const { path, slash } = creation
  const base = store.inProcess ? 'http://localhost' : store.id
  if (location === undefined || !URL.canParse(location, base + path + slash)) return undefined
  const { origin, pathname } = new URL(location, base + path + slash)
  return sameHost(origin) === sameHost(base) || pathname.startsWith(`${path}/`) ? pathname : undefined
}
