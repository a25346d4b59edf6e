/** The user's own removals: what a test deletes itself is struck off. */
import { type AnswerBody, answerBody } from '../http-client/answer-body.ts'
import { formFor } from '../http-rules/deletion.ts'
import { errorSign } from '../http-rules/error-sign.ts'
import type { RequestTemplate } from '../http-rules/request-template.ts'
import { trimmed } from '../http-rules/route.ts'
import type { CaptureSink, KnownResource, StoreSeen } from '../resource/capture.ts'
import type { Profile } from '../resource/profile.ts'
import type { AnswerHead, Exchange } from './exchange.ts'
import { isSameStore, ownRequest } from './referred.ts'

/** Undefined when nothing that this scope knows is removed by this request: what is only marked as deleted stays, where Dustpan deletes for good. */
export function removeExchange(
  sink: CaptureSink,
  store: StoreSeen,
  method: string,
  target: string,
  deletion: Profile['deletion'] = 'configured',
): Exchange | undefined {
  const resource = findRemoved(sink.known(), store, method, target, (template) => formFor(template, deletion))
  if (!resource) return undefined
  return exchangeOf(() => sink.gone(store, resource.type, [resource.key], undefined, resource.id))
}

/** A body that tells of an error is believed, and not the status beside it. One that nobody reads tells nothing. */
function exchangeOf(strikeOff: () => void): Exchange {
  let body: AnswerBody | undefined
  let isOver = false
  const settle = () => {
    if (isOver || !body) return
    isOver = true
    if (body.tooLarge || !errorSign(body.read())) strikeOff()
  }
  return {
    answered(answer) {
      if (!isDone(answer)) return false
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

function findRemoved(
  known: Iterable<KnownResource>,
  store: StoreSeen,
  method: string,
  target: string,
  form: (template: RequestTemplate) => RequestTemplate,
): KnownResource | undefined {
  const path = trimmed(target)
  for (const resource of known) {
    if (!isSameStore(resource, store)) continue
    const request = ownRequest(resource, path, form)
    if (request?.path === path && request.method === method && asksFor(target, request.query)) return resource
  }
  return undefined
}

/** `?permanent=true` of the removal makes it another than the one without. What the test asks for beside it makes no difference. */
function asksFor(target: string, query: string): boolean {
  const asked = new URLSearchParams(target.split('?')[1])
  return [...new URLSearchParams(query)].every(([name, value]) => asked.getAll(name).includes(value))
}
