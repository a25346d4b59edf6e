/** The look whether a thing is still there. */
import { messageOf } from '../errors/dustpan-error.ts'
import { redact } from '../errors/redact.ts'
import { parseJson } from '../http-client/answer-body.ts'
import type { Sender, SentAnswer } from '../http-client/sender.ts'
import { holds } from '../http-rules/condition.ts'
import { withoutHow } from '../http-rules/parameters.ts'
import type { RequestTemplate } from '../http-rules/request-template.ts'
import { namesIn } from '../resource/template.ts'
import { sendEither } from './either-spelling.ts'
import { isGone, saysNoRoute } from './outcomes.ts'

export type Seen = 'present' | 'absent' | 'unknown'

export interface Look {
  /** `unknown` when the answer does not tell. To be asked once everything is answered. */
  state(): Seen
  readonly result: string
}

/** @param request filled in for one thing */
export async function lookAt(requests: Sender, request: RequestTemplate, signal: AbortSignal): Promise<Look> {
  const path = placeToLook(request)
  if (path === undefined) return { state: unknown, result: 'nothing to look at' }
  const [unfilled] = namesIn(path)
  if (unfilled !== undefined) return { state: unknown, result: `GET ${redact(path)} was not sent` }
  try {
    const look = { method: 'GET', url: path, headers: request.headers ?? {} }
    const answer = await sendEither(requests, look, signal)
    const result = `GET ${redact(path)} ${answer.result}`
    if (isGone(answer.status) && saysNoRoute(answer.body, 'GET'))
      return { state: unknown, result: `${result}: the service has no such route` }
    return { state: () => stateSeen(answer, request.gone), result }
  } catch (error) {
    return { state: unknown, result: messageOf(error) }
  }
}

/**
 * What is removed by DELETE is looked for at the same place, whose query may say whose it is; not what is removed with others, whose path is
 * that of all.
 */
export function placeToLook({ verify, method, url, batch }: RequestTemplate): string | undefined {
  if (verify === false) return undefined
  return verify ?? (method === 'DELETE' && batch === undefined ? withoutHow(url) : undefined)
}

/** Whether each removal is followed by a look. */
export function looksAfterwards({ verify, gone }: RequestTemplate): boolean {
  return typeof verify === 'string' || (gone !== undefined && verify !== false)
}

const unknown = (): Seen => 'unknown'

function stateSeen(answer: SentAnswer, gone: string | undefined): Seen {
  if (answer.mocked) return 'unknown'
  if (isGone(answer.status)) return answer.provesGone() ? 'absent' : 'unknown'
  if (answer.status < 200 || answer.status >= 300) return 'unknown'
  return gone !== undefined && holds(gone, parseJson(answer.body)) ? 'absent' : 'present'
}
