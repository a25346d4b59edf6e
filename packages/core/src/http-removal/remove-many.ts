/** The removal of many things by one request, or of things by a job: what became of each. */
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
import { lookAt, placeToLook } from './look.ts'
import {
  doubtOf,
  isGone,
  mockedOutcome,
  noAnswerOutcome,
  noJobOutcome,
  outcomeOf,
  saysNoRoute,
  unprovenOutcome,
} from './outcomes.ts'
import { outOfTime, settled, stillUnderWay, unfilledOutcome } from './remove-one.ts'
import { lineOf } from './request-line.ts'
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
  const { fit, several } = namedAlone(batch)
  const outcomes = fit.targets.length === 0 ? [] : await removeBatch(requests, store, fit, ctx)
  return [...outcomes, ...all(several, severalOutcome(several))]
}

async function removeBatch(
  requests: Sender,
  store: StoreRef,
  batch: Batch,
  ctx: RemovalContext,
): Promise<readonly Settled[]> {
  const request = requestFor(batch)
  const removing: Removing = { ...batch, requests, ctx, what: lineOf(request) }
  const unfit = unfilledOutcome(request)
  if (unfit) return all(batch, unfit)
  if (ctx.signal.aborted) return all(batch, outOfTime)
  try {
    if (batch.job !== undefined) return await followed(removing, batch.job)
    return await judge(removing, await requests.send(request, ctx.signal))
  } catch (error) {
    return all(batch, ctx.signal.aborted ? stillUnderWay : noAnswerOutcome(error, removing.what, store.id))
  }
}

/** In a list in a URL an id with a comma would be two ids: encoded or not, services take the list apart after decoding it. */
function namedAlone(batch: Batch): { readonly fit: Batch; readonly several: Batch } {
  const isSeveral = ({ key }: Target) => batch.template.url.includes('{ids}') && String(key).includes(',')
  return {
    fit: { ...batch, targets: batch.targets.filter((target) => !isSeveral(target)) },
    several: { ...batch, targets: batch.targets.filter(isSeveral) },
  }
}

function severalOutcome({ template: { method, url } }: Batch): RemovalOutcome {
  const error = new DustpanError(
    'DUSTPAN_REMOVAL_FAILED',
    `${method} ${redact(url)} was not sent for it: its id contains a comma, and would count as two in the list.`,
    { hint: "Give the ids in the body: { request: 'POST /bulk-operations', body: { itemIds: '{ids}' } }." },
  )
  return { state: 'failed', error, retry: false }
}

/** One thing may be named alone: a job need not take many. */
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
    if (outcome.state === 'pending' && placeToLook(template) !== undefined) return all(removing, outcome)
    const body = parseJson(answer.body)
    const asked = targets.length - (tallyAt(template.skipped, body)?.count ?? 0)
    const trouble = tallyAt(template.failed, body) === undefined ? troubleIn(answer, asked) : undefined
    return batchOutcomes(removing, body, answer.result, trouble)
  }
  const job = jobIn(template.job, answer)
  if (job === undefined) return all(removing, noJobOutcome(what, answer.result, template.job.id))
  // A `Location` with a token in it is not for the disk.
  if (credentialInUrl(job) === undefined) ctx.note?.(idsOf(targets), { job })
  return followed(removing, job)
}

/** An error in the body is one of some of them, perhaps: each is looked at. */
const statusOf = (answer: SentAnswer): SentAnswer => ({ ...answer, body: '' })

/** Why an answer that does not name what failed is not to be believed. */
function troubleIn({ status, body }: SentAnswer, asked: number): string | undefined {
  const told = errorIn(body)
  if (told !== undefined) return `its body reports an error: ${told}`
  if (status === 207) return 'it reports each result separately, and the rule does not say where'
  const count = removedCount(parseJson(body))
  if (count !== undefined && count >= asked) return undefined
  const none = noneRemoved(status, body)
  if (none !== undefined) return `not everything was removed: ${none}`
  return count === undefined ? undefined : `it reports that ${count} of ${asked} were removed`
}

async function followed(removing: Removing, job: string): Promise<readonly Settled[]> {
  const { requests, template, ctx } = removing
  if (!template.job) return all(removing, outOfTime)
  const end = await followJob(requests, template.job, job, ctx)
  if (end.state === 'running') return all(removing, { state: 'pending', why: 'job', afterMs: end.afterMs })
  if (end.state === 'unreadable') return all(removing, unreadable(end))
  const outcomes = await batchOutcomes(removing, end.body, 'job completed', 'said' in end ? end.said : undefined)
  // Begun anew where it is tried again.
  ctx.note?.(idsOf(removing.targets), null)
  return outcomes
}

function unreadable({ answer, what }: Extract<JobEnd, { state: 'unreadable' }>): RemovalOutcome {
  return answer.mocked ? mockedOutcome(what) : outcomeOf(answer, what)
}

/** That none of them is there, or that the service has no such route. */
async function notFound({ requests, targets, template, what, ctx }: Removing, answer: SentAnswer) {
  const noRoute = saysNoRoute(answer.body, template.method)
  return Promise.all(
    targets.map(async ({ id, key, interrupted = false }): Promise<Settled> => {
      const one = fillRequest(template, keyValues(key))
      const look = noRoute ? undefined : await lookAt(requests, one, ctx.signal)
      const isCertain = !noRoute && interrupted && (await isCertainlyGone(requests, one, ctx))
      const isAbsent = () => isCertain || look?.state() === 'absent'
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
