/** Removes many resources by one request, or any number by a job, and determines each outcome. */
import { DustpanError } from '../errors/dustpan-error.ts'
import { redact } from '../errors/redact.ts'
import { parseJson } from '../http-client/answer-body.ts'
import { errorIn } from '../http-client/error-in.ts'
import type { Sender, SentAnswer } from '../http-client/sender.ts'
import { credentialInUrl } from '../http-rules/credential-in-url.ts'
import { noneRemoved, removedCount } from '../http-rules/none-removed.ts'
import { fillRequest, keyValues, type RequestTemplate } from '../http-rules/request-template.ts'
import type { RemovalContext } from '../resource/connection.ts'
import type { ResourceId, StoreRef } from '../resource/resource.ts'
import type { RemovalOutcome, Target } from '../resource/target.ts'
import { batchOutcomes } from './batch-outcomes.ts'
import type { Batch, Settled } from './batches.ts'
import { isCertainlyGone } from './interrupted.ts'
import { followJob, type JobEnd, jobIn } from './job.ts'
import { nullResult } from './null-result.ts'
import {
  doubtOf,
  isGone,
  isNoRoute,
  mockedOutcome,
  noAnswerOutcome,
  noJobOutcome,
  outcomeOf,
  unprovenOutcome,
} from './outcomes.ts'
import { probePath, sendProbe } from './probe.ts'
import { outOfTime, settled, stillInFlight, unfilledOutcome } from './remove-one.ts'
import { requestLine } from './request-line.ts'
import { tallyAt } from './tally.ts'

interface Removing extends Batch {
  readonly requests: Sender
  readonly ctx: RemovalContext
  readonly what: string
}

export async function removeMany(
  requests: Sender,
  store: StoreRef,
  batch: Batch,
  ctx: RemovalContext,
): Promise<readonly Settled[]> {
  const { plain, withComma } = splitBatch(batch)
  const outcomes = plain.targets.length === 0 ? [] : await removeBatch(requests, store, plain, ctx)
  return [...outcomes, ...all(withComma, commaOutcome(withComma))]
}

async function removeBatch(
  requests: Sender,
  store: StoreRef,
  batch: Batch,
  ctx: RemovalContext,
): Promise<readonly Settled[]> {
  const request = requestFor(batch)
  const removing: Removing = { ...batch, requests, ctx, what: requestLine(request) }
  const unfilled = unfilledOutcome(request)
  if (unfilled) return all(batch, unfilled)
  if (ctx.signal.aborted) return all(batch, outOfTime)
  try {
    if (batch.job !== undefined) return await followed(removing, batch.job)
    return await judge(removing, await requests.send(request, ctx.signal))
  } catch (error) {
    return all(batch, ctx.signal.aborted ? stillInFlight : noAnswerOutcome(error, removing.what, store.id))
  }
}

/** In a list in a URL, an id with a comma would count as two: services split the list after decoding it, encoded or not. */
function splitBatch(batch: Batch): { readonly plain: Batch; readonly withComma: Batch } {
  const hasComma = ({ key }: Target) => batch.template.url.includes('{ids}') && String(key).includes(',')
  return {
    plain: { ...batch, targets: batch.targets.filter((target) => !hasComma(target)) },
    withComma: { ...batch, targets: batch.targets.filter(hasComma) },
  }
}

function commaOutcome({ template: { method, url } }: Batch): RemovalOutcome {
  const error = new DustpanError(
    'DUSTPAN_REMOVAL_FAILED',
    `${method} ${redact(url)} was not sent for it: its id contains a comma, and would count as two in the list.`,
    { hint: "Give the ids in the body: { request: 'POST /bulk-operations', body: { itemIds: '{ids}' } }." },
  )
  return { state: 'failed', error, retry: false }
}

/** Fills in the ids. A single id may also fill `{id}`, as a job need not take many. */
function requestFor({ targets, template }: Batch): RequestTemplate {
  const ids = targets.map(({ key }) => key)
  const single = ids.length === 1 && ids[0] !== undefined ? keyValues(ids[0]) : () => undefined
  return fillRequest(template, (name) => (name === 'ids' ? ids : single(name)))
}

async function judge(removing: Removing, answer: SentAnswer): Promise<readonly Settled[]> {
  const { template, targets, what, ctx } = removing
  if (answer.mocked) return all(removing, mockedOutcome(what))
  if (isGone(answer.status)) return notFound(removing, answer)
  const outcome = outcomeOf(statusOf(answer), what)
  if (outcome.state === 'failed') return all(removing, outcome)
  if (!template.job) {
    if (outcome.state === 'pending' && probePath(template) !== undefined) return all(removing, outcome)
    const body = parseJson(answer.body)
    const expected = targets.length - (tallyAt(template.skipped, body)?.count ?? 0)
    const trouble = tallyAt(template.failed, body) === undefined ? troubleIn(template, answer, expected) : undefined
    return batchOutcomes(removing, body, answer.result, trouble)
  }
  const job = jobIn(template.job, answer)
  if (job === undefined) return all(removing, noJobOutcome(what, answer.result, template.job.id))
  // A `Location` that contains a token must not be written to disk.
  if (credentialInUrl(job) === undefined) ctx.note?.(idsOf(targets), { job })
  return followed(removing, job)
}

/** Without the body, whose error may concern only some of them: each is checked. */
const statusOf = (answer: SentAnswer): SentAnswer => ({ ...answer, body: '' })

/** Why an answer that does not name the failed ids is not trusted. */
function troubleIn(template: RequestTemplate, answer: SentAnswer, expected: number): string | undefined {
  const { status, body } = answer
  const reported = errorIn(body)
  if (reported !== undefined) return `its body reports an error: ${reported}`
  if (status === 207) return 'it reports each result separately, and the rule does not say where'
  const count = removedCount(parseJson(body))
  if (count !== undefined && count >= expected) return undefined
  const none = noneRemoved(status, body) ?? nullResult(template, answer)?.why
  if (none !== undefined) return `not everything was removed: ${none}`
  return count === undefined ? undefined : `it reports that ${count} of ${expected} were removed`
}

async function followed(removing: Removing, job: string): Promise<readonly Settled[]> {
  const { requests, template, ctx } = removing
  if (!template.job) return all(removing, outOfTime)
  const end = await followJob(requests, template.job, job, ctx)
  if (end.state === 'running') return all(removing, { state: 'pending', why: 'job', afterMs: end.afterMs })
  if (end.state === 'unreadable') return all(removing, unreadable(end))
  const outcomes = await batchOutcomes(removing, end.body, 'job completed', 'reason' in end ? end.reason : undefined)
  // A retry starts a new job.
  ctx.note?.(idsOf(removing.targets), null)
  return outcomes
}

function unreadable({ answer, what }: Extract<JobEnd, { state: 'unreadable' }>): RemovalOutcome {
  return answer.mocked ? mockedOutcome(what) : outcomeOf(answer, what)
}

/** "Not found" for the whole batch: none of them exists, or the service has no such route. */
async function notFound({ requests, targets, template, what, ctx }: Removing, answer: SentAnswer) {
  const noRoute = isNoRoute(answer.body, template.method)
  return Promise.all(
    targets.map(async ({ id, key, interrupted = false }): Promise<Settled> => {
      const one = fillRequest(template, keyValues(key))
      const probe = noRoute ? undefined : await sendProbe(requests, one, ctx.signal)
      const isCertain = !noRoute && interrupted && (await isCertainlyGone(requests, one, ctx))
      const isAbsent = () => isCertain || probe?.state() === 'absent'
      const { result } = answer
      return [
        id,
        () =>
          isAbsent() ? { state: 'already-gone', result } : unprovenOutcome(what, result, doubtOf(noRoute, interrupted)),
      ]
    }),
  )
}

const all = ({ targets }: Batch, outcome: RemovalOutcome): readonly Settled[] =>
  targets.map(({ id }) => [id, settled(outcome)])

const idsOf = (targets: readonly Target[]): readonly ResourceId[] => targets.map(({ id }) => id)
