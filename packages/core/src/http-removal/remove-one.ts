/** Removes one resource. */
import { DustpanError } from '../errors/dustpan-error.ts'
import { redact } from '../errors/redact.ts'
import type { Sender, SentAnswer } from '../http-client/sender.ts'
import { documentNames } from '../http-rules/graphql-body.ts'
import { noneRemoved } from '../http-rules/none-removed.ts'
import type { PlainRequest } from '../http-rules/plain-request.ts'
import type { RequestTemplate } from '../http-rules/request-template.ts'
import type { StoreRef } from '../resource/resource.ts'
import type { RemovalOutcome } from '../resource/target.ts'
import { namesIn } from '../resource/template.ts'
import { sendEither } from './either-spelling.ts'
import { isCertainlyGone } from './interrupted.ts'
import { noteRemoved, notFoundOutcome, type SingleRemoval, shownBy } from './not-found.ts'
import { nullResult } from './null-result.ts'
import {
  doubtOf,
  isGone,
  isNoRoute,
  mockedOutcome,
  noAnswerOutcome,
  outcomeOf,
  stillShownOutcome,
  stillThereOutcome,
  unprovenOutcome,
} from './outcomes.ts'
import { isVerified, probePath, sendProbe } from './probe.ts'
import { requestLine } from './request-line.ts'
import { settleNone } from './settle-none.ts'

/** Returns the outcome once everything sent together is answered. */
export type Settle = () => RemovalOutcome | Promise<RemovalOutcome>

/** @param request filled in */
export async function removeOne(
  requests: Sender,
  store: StoreRef,
  request: RequestTemplate,
  ctx: SingleRemoval,
): Promise<Settle> {
  const what = requestLine(request)
  const unfilled = unfilledOutcome(request)
  if (unfilled) return settled(unfilled)
  if (ctx.signal.aborted) return settled(outOfTime)
  try {
    const stopped = request.first && (await sendFirst(requests, request.first, ctx.signal))
    if (stopped) return settled(stopped)
    const answer = await sendEither(requests, request, ctx.signal)
    return await judge(requests, request, what, answer, ctx)
  } catch (error) {
    return settled(ctx.signal.aborted ? stillInFlight : noAnswerOutcome(error, what, store.id))
  }
}

export const outOfTime: RemovalOutcome = { state: 'pending', why: 'budget', afterMs: 0 }
export const stillInFlight: RemovalOutcome = { state: 'pending', why: 'in-flight', afterMs: 0 }

/** A placeholder without a value: the request is never sent, as it would mean something else. */
export function unfilledOutcome({ first = [], ...request }: RequestTemplate): RemovalOutcome | undefined {
  const { method, url } = request
  const unfilled = [request, ...first].map(unfilledName).find((name) => name !== undefined)
  if (unfilled === undefined) return undefined
  if (documentNames(request.body).includes(unfilled)) return unfitOutcome(request, unfilled)
  const error = new DustpanError(
    'DUSTPAN_REMOVAL_FAILED',
    `${method} ${redact(url)} was not sent: {${unfilled}} was not in the answer that created it.`,
    {
      hint: 'Correct the rule: the names in `remove` must be in the path or in the body of the answer, and not empty there.',
    },
  )
  return { state: 'failed', error, retry: false }
}

/** Any placeholder in the URL, where values are encoded; elsewhere a value may contain braces itself. */
function unfilledName({ url, headers, body }: PlainRequest): string | undefined {
  const others = namesIn([headers ?? null, body ?? null])
  return namesIn(url)[0] ?? others.find((name) => name.startsWith('body.')) ?? documentNames(body)[0]
}

/** A value that would be more than one argument of a GraphQL document. */
function unfitOutcome({ method, url }: PlainRequest, name: string): RemovalOutcome {
  const error = new DustpanError(
    'DUSTPAN_REMOVAL_FAILED',
    `${method} ${redact(url)} was not sent: {${name}} has no value that fits into its document.`,
    { hint: `Give it as a variable: { query: 'mutation($id: ID!) { … }', variables: { id: '{${name}}' } }.` },
  )
  return { state: 'failed', error, retry: false }
}

export const settled =
  (outcome: RemovalOutcome): Settle =>
  () =>
    outcome

/** Removes dependents first. A missing one is fine; any other failure stops the removal. */
async function sendFirst(
  requests: Sender,
  first: readonly PlainRequest[],
  signal: AbortSignal,
): Promise<RemovalOutcome | undefined> {
  for (const request of first) {
    const what = requestLine(request)
    const answer = await requests.send(request, signal)
    if (answer.mocked) return mockedOutcome(what)
    if (isGone(answer.status) && !isNoRoute(answer.body, request.method)) continue
    const outcome = outcomeOf(answer, what)
    if (outcome.state === 'already-gone') return unprovenOutcome(what, answer.result, 'no route')
    if (outcome.state === 'failed') return outcome
  }
  return undefined
}

async function judge(
  requests: Sender,
  request: RequestTemplate,
  what: string,
  answer: SentAnswer,
  ctx: SingleRemoval,
): Promise<Settle> {
  if (answer.mocked) return settled(mockedOutcome(what))
  if (isGone(answer.status)) return settleGone(requests, request, what, answer, ctx)
  const outcome = outcomeOf(answer, what)
  if (outcome.state === 'failed' && isVerified(request) && answer.status < 300)
    return settleError(requests, request, outcome, answer, ctx)
  const none = outcome.state === 'removed' ? noneRemoved(answer.status, answer.body) : undefined
  if (none !== undefined) return settleNone(requests, request, what, answer, none, ctx)
  const noResult = outcome.state === 'removed' ? nullResult(request, answer) : undefined
  if (noResult !== undefined) return () => notFoundOutcome(requests, request, noResult, what, ctx)
  if (outcome.state === 'removed' || outcome.state === 'pending') noteRemoved(answer, ctx)
  const cannotProbe = probePath(request) === undefined
  if (outcome.state === 'pending' && cannotProbe) return settled({ state: 'removed', result: answer.result })
  if (outcome.state !== 'removed' || !isVerified(request) || ctx.verify === 'none') return settled(outcome)
  const probe = await sendProbe(requests, request, ctx.signal)
  const state = probe.state()
  return settled(state === 'absent' ? outcome : stillThereOutcome(what, probe.result, state))
}

async function settleGone(
  requests: Sender,
  request: RequestTemplate,
  what: string,
  answer: SentAnswer,
  ctx: SingleRemoval,
): Promise<Settle> {
  const noRoute = isNoRoute(answer.body, request.method)
  const isCertain = !noRoute && ctx.target.interrupted === true && (await isCertainlyGone(requests, request, ctx))
  return () => {
    if (isCertain) return outcomeOf(answer, what)
    if (!noRoute && answer.provesGone()) return notFoundOutcome(requests, request, answer, what, ctx)
    return unprovenUnlessShown(requests, request, answer, what, ctx, noRoute)
  }
}

/** An error in the answer: the resource may be gone all the same, where a rule says how to see that. */
async function settleError(
  requests: Sender,
  request: RequestTemplate,
  outcome: RemovalOutcome,
  { result }: SentAnswer,
  { signal, verify }: SingleRemoval,
): Promise<Settle> {
  if (verify === 'none') return settled(outcome)
  const probe = await sendProbe(requests, request, signal)
  return () => (probe.state() === 'absent' ? { state: 'already-gone', result } : outcome)
}

/** A "not found" that proves nothing. Where the resource is still shown, that says more. */
async function unprovenUnlessShown(
  requests: Sender,
  request: RequestTemplate,
  { result }: SentAnswer,
  what: string,
  ctx: SingleRemoval,
  noRoute: boolean,
): Promise<RemovalOutcome> {
  const shown = noRoute ? undefined : await shownBy(requests, request, ctx)
  if (shown !== undefined) return stillShownOutcome(what, result, shown)
  return unprovenOutcome(what, result, doubtOf(noRoute, ctx.target.interrupted === true))
}
