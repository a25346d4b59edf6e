/** An HTTP removal as recorded in the ledger. */
import { invalidArgument } from '../errors/dustpan-error.ts'
import type { Condition, Json, Removal } from '../resource/resource.ts'
import { fillUrl, namesIn, type Values } from '../resource/template.ts'
import { bodyNames } from './graphql-body.ts'
import { parseParts } from './parse-removal.ts'
import { fillPlain, type PlainRequest, parsePlain } from './plain-request.ts'

/** Arguments of the operation `request`. */
export interface RequestTemplate extends PlainRequest {
  /** The path whose 404 or 410 proves the removal; `false`: never checked. */
  readonly verify?: string | false
  /** What the answer to `verify` shows after a soft delete. */
  readonly gone?: string
  /** The request takes many ids: the maximum number per request. */
  readonly batch?: number
  readonly job?: JobTemplate
  /** The place in the answer of what was not removed: a number, or a list. */
  readonly failed?: string
  /** The place in the answer of what was skipped, mostly because it did not exist. */
  readonly skipped?: string
  /** Sent before, in this order, to remove dependents. */
  readonly first?: readonly PlainRequest[]
  /** Sent instead, if the profile allows it; `true`: this request itself deletes permanently. */
  readonly permanent?: PlainRequest | true
  /** Restores a resource that was only marked as deleted. */
  readonly restore?: PlainRequest
  /** Its condition; recorded beside the arguments. */
  readonly when?: Condition
}

/** A removal that runs as a background job. */
export interface JobTemplate {
  /** The place in the answer of the job's id. */
  readonly id: string
  /** The path that returns its progress. */
  readonly poll: string
  /** What the progress shows when the job is over: the first condition means success, the others failure. */
  readonly done: readonly string[]
}

export function requestRemoval(driver: string, { when, ...args }: RequestTemplate): Removal {
  return { driver, op: 'request', v: 1, args: args as unknown as Json, ...(when === undefined ? {} : { when }) }
}

/** Parses `'DELETE /users/{id}'`, or the parts of a request. @throws TypeError `DUSTPAN_INVALID_ARGUMENT` */
export function parseRequest(spec: unknown, what: string): RequestTemplate {
  const request = parsePlain(spec, what)
  const parts = typeof spec === 'string' ? {} : parseParts(spec as { [part: string]: unknown }, what)
  return checked({ ...request, ...parts, ...batchOf(request, parts.batch) }, what)
}

const defaultBatch = 50

/** Requests that take many ids contain `{ids}`. */
export function batchOf(request: PlainRequest, batch = defaultBatch): Pick<RequestTemplate, 'batch'> {
  return plainNames(request).includes('ids') ? { batch } : {}
}

/** A request for many cannot name one, and vice versa. */
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

/** Fills in known values; other placeholders are kept. */
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

/** The placeholders in any part of it. */
export function requestNames({ verify, job, first, permanent, restore, ...request }: RequestTemplate): string[] {
  const others = [...(first ?? []), permanent, restore].flatMap((one) =>
    typeof one === 'object' ? plainNames(one) : [],
  )
  return [...plainNames(request), ...namesIn([verify || null, job?.poll ?? null]), ...others]
}

/** `{id}`, or its alias `{each.id}`. */
export function keyValues(key: Json): Values {
  return (name) => (name === 'id' || name === 'each.id' ? key : name === 'ids' ? [key] : undefined)
}

function plainNames({ url, headers, body }: PlainRequest): string[] {
  return [...namesIn([url, headers ?? null]), ...(body === undefined ? [] : bodyNames(body))]
}
