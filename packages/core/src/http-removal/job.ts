/** Follows a removal that runs as a background job: polled until it is over, at growing intervals. */
import { clock } from '../clock/clock.ts'
import { redact } from '../errors/redact.ts'
import { parseJson } from '../http-client/answer-body.ts'
import { retryAfterMs } from '../http-client/retry-after.ts'
import type { Sender, SentAnswer } from '../http-client/sender.ts'
import { holds } from '../http-rules/condition.ts'
import { isId, parsePlace, valuesAt } from '../http-rules/place.ts'
import type { JobTemplate } from '../http-rules/request-template.ts'
import { trimmed } from '../http-rules/route.ts'
import type { RemovalContext } from '../resource/connection.ts'
import type { Json } from '../resource/resource.ts'
import { fillUrl } from '../resource/template.ts'
import { isGone } from './outcomes.ts'

export type JobEnd =
  /** Over and successful: what it reports about single resources is trusted. */
  | { readonly state: 'worked'; readonly body: Json | undefined }
  /** Over in another way, or no longer known: each resource has to be checked. */
  | { readonly state: 'failed' | 'unknown'; readonly body?: Json | undefined; readonly reason: string }
  | { readonly state: 'running'; readonly afterMs: number }
  | { readonly state: 'unreadable'; readonly answer: SentAnswer; readonly what: string }

/** The job's id, or the path in `Location`, from the answer to the removal. */
export function jobIn({ id }: JobTemplate, answer: SentAnswer): string | undefined {
  const place = parsePlace(id, 'job')
  if (place.in === 'location') return answer.header('location')
  const found = place.in === 'body' ? valuesAt(parseJson(answer.body), place.steps)[0] : answer.header(place.name)
  return isId(found) ? String(found) : undefined
}

/** The first delay, doubled each time. */
const delays = { firstMs: 50, longestMs: 5000 }

/** Takes at most half of the remaining time, as other resources need theirs. */
export async function followJob(
  requests: Sender,
  template: JobTemplate,
  job: string,
  { signal, deadline }: Pick<RemovalContext, 'signal' | 'deadline'>,
): Promise<JobEnd> {
  const url = pollUrl(template, job)
  const what = `GET ${redact(url)}`
  const end = clock.now() + (deadline - clock.now()) / 2
  for (let wait = delays.firstMs; ; wait = Math.min(wait * 2, delays.longestMs)) {
    const answer = await requests.send({ method: 'GET', url }, signal)
    const ended = endOf(template, answer, what)
    if (ended) return ended
    const afterMs = Math.max(wait, retryAfterMs(answer.header('retry-after')) ?? 0)
    if (clock.now() + afterMs >= end) return { state: 'running', afterMs }
    await clock.sleep(afterMs, signal)
  }
}

/** `Location` may be a full URL; only its path is used, so that nothing is sent to another service. An id with a slash is one id. */
function pollUrl({ id, poll }: JobTemplate, job: string): string {
  const isUrl = id === 'location' || /^(?:\/|https?:\/\/)/.test(job)
  if (poll !== '{job}') return fillUrl(poll, (name) => (name === 'job' ? (isUrl ? lastPart(job) : job) : undefined))
  const { pathname, search } = new URL(job, 'http://localhost')
  return pathname + search
}

const lastPart = (job: string): string => (job.includes('/') ? (trimmed(job).split('/').at(-1) ?? job) : job)

/** Undefined: the job is still running, or its state is unknown for now. */
function endOf({ done: [worked, ...others] }: JobTemplate, answer: SentAnswer, what: string): JobEnd | undefined {
  const { status, result } = answer
  if (answer.mocked) return { state: 'unreadable', answer, what }
  if (isGone(status)) return { state: 'unknown', reason: `${what} was answered ${result}` }
  if (status >= 500 || status === 429) return undefined
  if (status < 200 || status >= 300) return { state: 'unreadable', answer, what }
  const body = parseJson(answer.body)
  if (worked !== undefined && holds(worked, body)) return { state: 'worked', body }
  const other = others.find((condition) => holds(condition, body))
  return other === undefined ? undefined : { state: 'failed', body, reason: `the job ended with ${other}` }
}
