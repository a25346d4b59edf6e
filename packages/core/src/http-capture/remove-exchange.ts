/** The user's own removals: what a test deletes itself is struck off. */
import { type AnswerBody, answerBody, parseJson } from '../http-client/answer-body.ts'
import { headerPairs, together } from '../http-client/headers.ts'
import { formFor } from '../http-rules/deletion.ts'
import { errorSign } from '../http-rules/error-sign.ts'
import { noneRemoved } from '../http-rules/none-removed.ts'
import { parametersOf, saysHowToRemove } from '../http-rules/parameters.ts'
import { trimmed } from '../http-rules/route.ts'
import type { CaptureSink, KnownResource, StoreSeen } from '../resource/capture.ts'
import type { Profile } from '../resource/profile.ts'
import { ownerOf } from './address.ts'
import type { AnswerHead, Exchange, SentRequest } from './exchange.ts'
import { isDryRun } from './existed.ts'
import { owners } from './owners.ts'
import { isSameStore, type OwnRequest, ownRequest } from './referred.ts'
import { removedHere } from './restore-exchange.ts'

interface Asked {
  readonly request: SentRequest
  /** Headers that go with Dustpan's own requests. */
  readonly own: Readonly<Record<string, unknown>>
  readonly deletion: Profile['deletion'] | undefined
}

/** Undefined when nothing that this scope knows is removed by this request: what is only marked as deleted stays, where Dustpan deletes for good. */
export function removeExchange(sink: CaptureSink, store: StoreSeen, asked: Asked): Exchange | undefined {
  const found = allRemoved(sink.known(), store, asked)
  if (found.length === 0) return undefined
  return exchangeOf(asked.request, () => {
    for (const one of found) {
      sink.gone(store, one.type, [one.key], undefined, one.id)
      removedHere.note(one, trimmed(asked.request.path))
    }
  })
}

/** A body that tells of an error is believed, and not the status beside it; so is one that denies the removal. One that nobody reads tells nothing. */
function exchangeOf(request: SentRequest, strikeOff: () => void): Exchange {
  let body: AnswerBody | undefined
  let status = 0
  let isOver = false
  const settle = () => {
    if (isOver || !body) return
    isOver = true
    const said = body.tooLarge ? '' : body.text()
    if (!errorSign(parseJson(said)) && noneRemoved(status, said) === undefined) strikeOff()
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

/** 202: accepted, and perhaps not done. */
const isDone = ({ real, status }: AnswerHead): boolean => real && status >= 200 && status < 300 && status !== 202

const isJson = ({ status, header }: AnswerHead): boolean =>
  status !== 204 && status !== 205 && /\bjson\b/i.test(header('content-type') ?? '')

function allRemoved(known: Iterable<KnownResource>, store: StoreSeen, asked: Asked): readonly KnownResource[] {
  const { request, deletion = 'configured' } = asked
  const path = trimmed(request.path)
  const found: KnownResource[] = []
  for (const resource of known) {
    if (!isSameStore(resource, store)) continue
    const own = ownRequest(resource, path, (template) => formFor(template, deletion))
    if (own?.path !== path || own.method !== request.method) continue
    if (asksFor(request.path, own.query) && isOfOwner(resource, own, asked)) found.push(resource)
  }
  return found
}

/**
 * `?permanent=true` of the removal makes it another than the one without, and `?dryRun=true` of the test's request one that removes nothing. What
 * says only how to remove makes no difference.
 */
function asksFor(target: string, query: string): boolean {
  const asked = parametersOf(target)
  const own = parametersOf(`?${query}`)
  const isOwn = (name: string) => own.some((one) => one[0] === name)
  return (
    own.every(([name, value]) => asked.some((one) => one[0] === name && one[1] === value)) &&
    asked.every(([name]) => isOwn(name) || saysHowToRemove(name))
  )
}

/** Whom the request names by its headers is whom the one named that created it, or its removal. */
function isOfOwner({ id }: KnownResource, { headers = {} }: OwnRequest, { request, own }: Asked): boolean {
  const asked = ownerOf(request.headers(), request.origin)
  return asked === owners.of(id) || asked === ownerOf(headerPairs(together(own, headers)), request.origin)
}
