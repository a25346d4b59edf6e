/** Checks whether a resource still exists. */
import { messageOf } from '../errors/dustpan-error.ts'
import { redact } from '../errors/redact.ts'
import { parseJson } from '../http-client/answer-body.ts'
import type { Sender, SentAnswer } from '../http-client/sender.ts'
import { holds, namesError } from '../http-rules/condition.ts'
import { errorSign } from '../http-rules/error-sign.ts'
import { resourceUrl } from '../http-rules/parameters.ts'
import type { RequestTemplate } from '../http-rules/request-template.ts'
import type { Presence } from '../resource/target.ts'
import { namesIn } from '../resource/template.ts'
import { sendEither } from './either-spelling.ts'
import { isGone, isNoRoute } from './outcomes.ts'

export interface Probe {
  /** `unknown` if the answer does not show it. Call it once everything is answered. */
  state(): Presence
  readonly result: string
}

/** @param request filled in for one resource */
export async function sendProbe(requests: Sender, request: RequestTemplate, signal: AbortSignal): Promise<Probe> {
  const path = probePath(request)
  if (path === undefined) return { state: unknown, result: 'nothing to look at' }
  const [unfilled] = namesIn(path)
  if (unfilled !== undefined) return { state: unknown, result: `GET ${redact(path)} was not sent` }
  try {
    const probe = { method: 'GET', url: path, headers: request.headers ?? {} }
    const answer = await sendEither(requests, probe, signal)
    const result = `GET ${redact(path)} ${answer.result}`
    if (isGone(answer.status) && isNoRoute(answer.body, 'GET'))
      return { state: unknown, result: `${result}: the service has no such route` }
    return { state: () => stateIn(answer, request.gone), result }
  } catch (error) {
    return { state: unknown, result: messageOf(error) }
  }
}

/**
 * A resource removed by DELETE is checked at the same path, whose query may name its owner; not one
 * removed in a batch, whose path is shared.
 */
export function probePath({ verify, method, url, batch }: RequestTemplate): string | undefined {
  if (verify === false) return undefined
  return verify ?? (method === 'DELETE' && batch === undefined ? resourceUrl(url) : undefined)
}

/** Whether each removal is followed by a check. */
export function isVerified({ verify, gone }: RequestTemplate): boolean {
  return typeof verify === 'string' || (gone !== undefined && verify !== false)
}

const unknown = (): Presence => 'unknown'

function stateIn(answer: SentAnswer, gone: string | undefined): Presence {
  if (answer.mocked) return 'unknown'
  if (isGone(answer.status)) return answer.provesGone() ? 'absent' : 'unknown'
  if (answer.status < 200 || answer.status >= 300) return 'unknown'
  const body = parseJson(answer.body)
  if (errorSign(body) && !(gone !== undefined && namesError(gone))) return 'unknown'
  return gone !== undefined && holds(gone, body) ? 'absent' : 'present'
}
