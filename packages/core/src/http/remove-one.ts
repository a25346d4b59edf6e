/** The removal of one thing, and the look whether it is still there. */
import { DustpanError, messageOf } from '../errors/dustpan-error.ts'
import { redact } from '../errors/redact.ts'
import type { RemovalContext, RemovalOutcome, Target } from '../resource/driver.ts'
import type { StoreRef } from '../resource/resource.ts'
import { namesIn } from '../resource/template.ts'
import { parseJson } from './answer-body.ts'
import { isGone, mockedOutcome, noAnswerOutcome, outcomeOf, stillThereOutcome, unprovenOutcome } from './outcomes.ts'
import { parsePlace, valuesAt } from './place.ts'
import { fillRequest, keyValues, type RequestTemplate } from './request-template.ts'
import type { Sender, SentAnswer } from './sender.ts'

/** Gives the outcome once everything that was sent together is answered. */
export type Settle = () => RemovalOutcome

export async function removeOne(
  requests: Sender,
  store: StoreRef,
  target: Target,
  ctx: RemovalContext,
): Promise<Settle> {
  const request = requestOf(target)
  const what = `${request.method} ${redact(request.url)}`
  const [unfilled] = namesIn(request.url)
  if (unfilled !== undefined) return settled(unfilledOutcome(what, unfilled))
  if (ctx.signal.aborted) return settled({ state: 'pending', why: 'budget', afterMs: 0 })
  try {
    const answer = await requests.send(request, ctx.signal)
    return await judge(requests, request, what, answer, ctx)
  } catch (error) {
    return settled(
      ctx.signal.aborted ? { state: 'pending', why: 'in-flight', afterMs: 0 } : noAnswerOutcome(error, what, store.id),
    )
  }
}

export type Seen = 'present' | 'absent' | 'unknown'

/** Whether a thing is there; `unknown` when the answer does not tell. To be asked once everything is answered. */
export async function lookAt(
  requests: Sender,
  request: RequestTemplate,
  signal: AbortSignal,
): Promise<{ state: () => Seen; result: string }> {
  const path = placeToLook(request)
  if (path === undefined) return { state: unknown, result: 'nothing to look at' }
  try {
    const answer = await requests.send({ method: 'GET', url: path, headers: request.headers ?? {} }, signal)
    return { state: () => stateSeen(answer, request.gone), result: `GET ${redact(path)} ${answer.result}` }
  } catch (error) {
    return { state: unknown, result: messageOf(error) }
  }
}

async function judge(
  requests: Sender,
  request: RequestTemplate,
  what: string,
  answer: SentAnswer,
  ctx: RemovalContext,
): Promise<Settle> {
  if (answer.mocked) return settled(mockedOutcome(what))
  if (isGone(answer.status)) return () => goneOutcome(request, what, answer)
  const outcome = outcomeOf(answer, what)
  const cannotLook = placeToLook(request) === undefined
  if (outcome.state === 'pending' && cannotLook) return settled({ state: 'removed', result: answer.result })
  if (outcome.state !== 'removed' || !looksAfterwards(request) || ctx.verify === 'none') return settled(outcome)
  const seen = await lookAt(requests, request, ctx.signal)
  return settled(seen.state() === 'absent' ? outcome : stillThereOutcome(what, seen.result))
}

function goneOutcome(request: RequestTemplate, what: string, answer: SentAnswer): RemovalOutcome {
  const noRoute = saysNoRoute(answer.body, request.method)
  if (noRoute || !answer.provesGone()) return unprovenOutcome(what, answer.result, noRoute)
  return outcomeOf(answer, what)
}

/** How Express, Nest and Fastify answer where nothing is routed; elsewhere it cannot be told from a thing that is not there. */
function saysNoRoute(body: string, method: string): boolean {
  return body.includes(`Cannot ${method} /`) || body.includes(`Route ${method}:/`)
}

const unknown = (): Seen => 'unknown'

function stateSeen(answer: SentAnswer, gone: string | undefined): Seen {
  if (answer.mocked) return 'unknown'
  if (isGone(answer.status)) return answer.provesGone() ? 'absent' : 'unknown'
  if (answer.status < 200 || answer.status >= 300) return 'unknown'
  return gone !== undefined && shows(answer.body, gone) ? 'absent' : 'present'
}

/** `body.deletedAt`: is set; `body.status = archived`: has this value. */
function shows(body: string, gone: string): boolean {
  const [place = '', wanted] = gone.split('=').map((part) => part.trim())
  const parsed = parsePlace(place, 'gone')
  const values = parsed.in === 'body' ? valuesAt(parseJson(body), parsed.steps) : []
  return values.some((value) => (wanted === undefined ? value !== null && value !== false : String(value) === wanted))
}

function looksAfterwards({ verify, gone }: RequestTemplate): boolean {
  return typeof verify === 'string' || (gone !== undefined && verify !== false)
}

/** What is removed by DELETE is looked for at the same path. */
function placeToLook({ verify, method, url }: RequestTemplate): string | undefined {
  if (verify === false) return undefined
  return verify ?? (method === 'DELETE' ? url.split('?')[0] : undefined)
}

/** A target's request, filled in. */
export function requestOf({ removal, key }: Target): RequestTemplate {
  return fillRequest(removal.args as unknown as RequestTemplate, keyValues(key))
}

function unfilledOutcome(what: string, name: string): RemovalOutcome {
  const error = new DustpanError(
    'DUSTPAN_REMOVAL_FAILED',
    `${what} was not sent: {${name}} was not in the answer that created it.`,
    {
      hint: 'Correct the rule: the names in `remove` must be in the path or in the body of the answer.',
    },
  )
  return { state: 'failed', error, retry: false }
}

const settled =
  (outcome: RemovalOutcome): Settle =>
  () =>
    outcome
