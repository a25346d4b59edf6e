/** A removal over HTTP as it stands in the ledger. */
import { invalidArgument } from '../errors/dustpan-error.ts'
import type { Condition, Json, Removal } from '../resource/resource.ts'
import { fillUrl, namesIn, type Values } from '../resource/template.ts'
import { parseParts } from './parse-removal.ts'
import { fillPlain, type PlainRequest, parsePlain } from './plain-request.ts'

/** Arguments of the operation `request`. */
export interface RequestTemplate extends PlainRequest {
  /** The path whose 404 or 410 proves the removal; `false`: none does. */
  readonly verify?: string | false
  /** What the answer to `verify` shows once a soft delete is done. */
  readonly gone?: string
  /** The request takes the ids of many things, of so many at once. */
  readonly batch?: number
  readonly job?: JobTemplate
  /** Where the answer has what was not removed: how many, or a list. */
  readonly failed?: string
  /** Where it has what was left out, mostly because it was not there. */
  readonly skipped?: string
  /** Sent before, in this order; what hangs on the thing. */
  readonly first?: readonly PlainRequest[]
  /** Sent instead, where the profile allows it; `true`: this request itself deletes for good. */
  readonly permanent?: PlainRequest | true
  /** Brings back what was only marked as deleted. */
  readonly restore?: PlainRequest
  /** When it is for here; on record it stands beside the arguments. */
  readonly when?: Condition
}

/** A removal that goes on after it was answered. */
export interface JobTemplate {
  /** Where the answer has the job's id. */
  readonly id: string
  /** The path that tells how far it is. */
  readonly poll: string
  /** What that shows when it is over: the first one once it has worked, the others else. */
  readonly done: readonly string[]
}

export function requestRemoval(driver: string, { when, ...args }: RequestTemplate): Removal {
  return { driver, op: 'request', v: 1, args: args as unknown as Json, ...(when === undefined ? {} : { when }) }
}

/** `'DELETE /users/{id}'`, or the parts of a request. @throws TypeError `DUSTPAN_INVALID_ARGUMENT` */
export function parseRequest(spec: unknown, what: string): RequestTemplate {
  const request = parsePlain(spec, what)
  const parts = typeof spec === 'string' ? {} : parseParts(spec as { [part: string]: unknown }, what)
  return checked({ ...request, ...parts, ...batchOf(request, parts.batch) }, what)
}

const defaultBatch = 50

/** Requests that take many ids have `{ids}` in them. */
export function batchOf(request: PlainRequest, batch = defaultBatch): Pick<RequestTemplate, 'batch'> {
  return plainNames(request).includes('ids') ? { batch } : {}
}

/** What takes many cannot name one, and the other way round. */
function checked(template: RequestTemplate, what: string): RequestTemplate {
  const { batch, first } = template
  const names = plainNames(template)
  if (batch === undefined) return template
  const mixed = names.includes('id') || names.includes('each.id') || first !== undefined
  if (mixed || !names.includes('ids')) {
    throw invalidArgument(
      `${what} removes many things at once: expected {ids} in its URL or body, and neither {id} nor first.`,
      "Write it like { request: 'POST /bulk-operations', body: { operation: 'delete', itemIds: '{ids}' } }.",
    )
  }
  return template
}

/** Fills in what is known; other names stay for later. */
export function fillRequest(template: RequestTemplate, values: Values): RequestTemplate {
  const { verify, job, first, permanent, restore } = template
  return {
    ...fillPlain(template, values),
    ...(typeof verify === 'string' ? { verify: fillUrl(verify, values) } : {}),
    ...(job ? { job: { ...job, poll: fillUrl(job.poll, values) } } : {}),
    ...(first ? { first: first.map((one) => fillPlain(one, values)) } : {}),
    ...(typeof permanent === 'object' ? { permanent: fillPlain(permanent, values) } : {}),
    ...(restore ? { restore: fillPlain(restore, values) } : {}),
  }
}

/** The names that stand in any part of it. */
export function requestNames({ verify, job, first, permanent, restore, ...request }: RequestTemplate): string[] {
  const others = [...(first ?? []), permanent, restore].flatMap((one) =>
    typeof one === 'object' ? plainNames(one) : [],
  )
  return [...plainNames(request), ...namesIn([verify || null, job?.poll ?? null]), ...others]
}

/** `{id}`, and `{each.id}` for those who think of a list. */
export function keyValues(key: Json): Values {
  return (name) => (name === 'id' || name === 'each.id' ? key : name === 'ids' ? [key] : undefined)
}

function plainNames({ url, headers, body }: PlainRequest): string[] {
  return namesIn([url, headers ?? null, body ?? null])
}
