/** Decides which requests are captured, and how. */
import { messageOf } from '../errors/dustpan-error.ts'
import type { AnswerHead, Exchange, SentRequest } from '../http-answers/exchange.ts'
import { slashOf } from '../http-answers/seen-creation.ts'
import { answers, credentialOf } from '../http-client/answers.ts'
import { storeAt } from '../http-client/in-process.ts'
import { ownWork } from '../http-client/own-work.ts'
import { type OriginMatcher, originMatcher } from '../http-rules/origins.ts'
import { trimmed } from '../http-rules/route.ts'
import { compileRules, findRule, type Rule } from '../http-rules/rules.ts'
import type { CaptureSink, StoreSeen } from '../resource/capture.ts'
import type { HttpOptions } from '../resource/http-options.ts'
import type { Profile } from '../resource/profile.ts'
import { alongside } from './alongside.ts'
import { createExchange } from './create-exchange.ts'
import { owners } from './owners.ts'
import { removeExchange } from './remove-exchange.ts'
import { renameExchange } from './rename-exchange.ts'
import { removedHere, restoreExchange } from './restore-exchange.ts'
import { storesSeen } from './stores-seen.ts'
import { unanswered } from './unanswered.ts'
import { whichever } from './whichever.ts'

/** An instance of the HTTP driver in the configuration. */
export interface HttpInstance {
  readonly name: string
  readonly options: HttpOptions
  /** The environment profile's `deletion`. */
  readonly deletion?: Profile['deletion']
}

export interface Watch extends Disposable {
  readonly sink: CaptureSink
  /** Whether requests to an origin are captured now; cheap. */
  watches(origin: string): boolean
  /** The exchange for a request that may create or remove something. */
  begin(request: SentRequest): Exchange | undefined
  /** Number of unfinished exchanges. */
  readonly underway: number
  /** An error while inspecting a request. */
  failed(error: unknown): void
}

interface Watched {
  readonly serves: OriginMatcher
  readonly rules: readonly Rule[]
  readonly deletion: Profile['deletion'] | undefined
  /** Headers sent with Dustpan's own requests. */
  readonly headers: Readonly<Record<string, unknown>>
}

export function newWatch(sink: CaptureSink, instances: readonly HttpInstance[]): Watch {
  const watched = instances.filter(({ options }) => options.track !== false).map(watchedOf)
  const instanceAt = (origin: string) => watched.find(({ serves }) => serves(origin))
  const underway = new Set<Exchange>()
  storesSeen.begin(sink)
  answers.begin()
  owners.begin()
  removedHere.begin()
  unanswered.begin()
  return {
    sink,
    watches: (origin) => instanceAt(origin) !== undefined && ownWork.current === undefined && sink.active,
    begin(request) {
      const instance = instanceAt(request.origin)
      if (!instance || !changes.has(request.method)) return undefined
      const store = storeAt(request.origin)
      storesSeen.note(store.id)
      const exchange = exchangeFor(sink, instance, request, store)
      return (
        exchange &&
        followed(exchange, underway, {
          status: (status) => answers.note(store.id, credentialOf(request.headers()), status),
          error: this.failed,
        })
      )
    },
    get underway() {
      return underway.size
    },
    failed(error) {
      sink.warn('DUSTPAN_BODY_UNREAD', 'http', `A request or its answer could not be inspected: ${messageOf(error)}`)
    },
    [Symbol.dispose]() {
      for (const exchange of underway) exchange.cutOff()
    },
  }
}

function watchedOf({ name, options: { origins, rules, headers = {} }, deletion }: HttpInstance): Watched {
  const serves = originMatcher(origins, `${name}.origins`)
  // Empty headers are not sent.
  const own = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== ''))
  return { serves, rules: compileRules(rules, `${name}.rules`), deletion, headers: own }
}

const changes = new Set(['POST', 'PUT', 'PATCH', 'DELETE'])

function exchangeFor(
  sink: CaptureSink,
  { rules, deletion, headers }: Watched,
  request: SentRequest,
  store: StoreSeen,
): Exchange | undefined {
  const { method, path: target } = request
  const path = trimmed(target)
  const slash = slashOf(target.split(/[?#]/)[0] ?? '')
  const matched = findRule(rules, method, target)
  const restored = restoreExchange(sink, store, request)
  if (matched?.rule.ignore) return restored && whichever(restored, undefined)
  if (restored && !restored.isMeant && method === 'POST') return restored.exchange
  const removal = removeExchange(sink, store, { request, own: headers, deletion })
  if (removal && !removal.isMeant) return removal.exchange
  const mayCreate = matched || method === 'POST' || method === 'PUT'
  const others = alongside(
    mayCreate ? createExchange(sink, store, { method, path, slash, matched }, request, headers) : undefined,
    method === 'PUT' || method === 'PATCH' ? renameExchange(sink, store, request) : undefined,
  )
  const either = removal ? whichever(removal, others) : others
  if (restored?.isMeant) return whichever(restored, either)
  return alongside(restored?.exchange, either)
}

interface Notes {
  status(status: number): void
  /** Not every client reports an error thrown at the end of an answer. */
  error(error: unknown): void
}

/** Also notes whether the answer's credentials are valid, and which exchanges are unfinished. */
function followed(exchange: Exchange, underway: Set<Exchange>, note: Notes): Exchange {
  const end = (how: 'ended' | 'cutOff') => () => {
    underway.delete(exchange)
    try {
      exchange[how]()
    } catch (error) {
      note.error(error)
    }
  }
  underway.add(exchange)
  return {
    ...exchange,
    answered(answer: AnswerHead) {
      if (answer.real && !answer.isElsewhere) note.status(answer.status)
      const wanted = exchange.answered(answer)
      if (!wanted) underway.delete(exchange)
      return wanted
    },
    failed(sent: boolean) {
      underway.delete(exchange)
      exchange.failed(sent)
    },
    ended: end('ended'),
    cutOff: end('cutOff'),
  }
}
