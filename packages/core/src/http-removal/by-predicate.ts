/** Counts and removes the matches of a predicate through the application's own endpoints. */
import { DustpanError, messageOf } from '../errors/dustpan-error.ts'
import { redact } from '../errors/redact.ts'
import { parseJson } from '../http-client/answer-body.ts'
import { errorIn } from '../http-client/error-in.ts'
import { reasonIn } from '../http-client/reason-in.ts'
import type { Sender, SentAnswer } from '../http-client/sender.ts'
import { type Endpoint, endpointFor, namesOf, unsafeValueIn, valuesOf } from '../http-rules/endpoints.ts'
import { parsePlace, valuesAt } from '../http-rules/place.ts'
import { fillPlain } from '../http-rules/plain-request.ts'
import type { RemovalContext, StoreConnection } from '../resource/connection.ts'
import { moreThanAgreed } from '../resource/matched.ts'
import type { Agreed, Matched, Matches, Selection } from '../resource/predicate.ts'
import type { Profile } from '../resource/profile.ts'
import type { Json } from '../resource/resource.ts'
import { namesKind } from '../resource/same-kind.ts'
import { fillUrl } from '../resource/template.ts'

type ByPredicate = Required<Pick<StoreConnection, 'count' | 'removeWhere'>>

interface EndpointQuery {
  readonly endpoint: Endpoint
  readonly selection: Selection
  readonly hard: boolean
}

export function httpByPredicate(
  requests: Sender,
  endpoints: readonly Endpoint[],
  deletion: Profile['deletion'],
): ByPredicate {
  return {
    async count(selection, { signal }) {
      const kinds: Matched[] = []
      for (const query of queriesFor(endpoints, selection, deletion))
        kinds.push('endpoint' in query ? await count(requests, query, signal) : query)
      return { kinds, excepted: exceptedBy(endpoints, selection) }
    },
    async removeWhere(selection, agreed, ctx) {
      const parts: Matches[] = []
      for (const query of queriesFor(endpoints, selection, deletion))
        if (!('endpoint' in query)) parts.push({ kinds: agreed.has(query.type) ? [query] : [] })
        else if (agreed.has(query.endpoint.kind)) parts.push(await remove(requests, query, agreed, ctx))
      const preserved = parts.map((part) => part.preserved).find((owner) => owner !== undefined)
      return { kinds: parts.flatMap(({ kinds }) => kinds), ...(preserved === undefined ? {} : { preserved }) }
    },
  }
}

/** The names in `except` that are kinds here, or that a request can leave out. */
function exceptedBy(endpoints: readonly Endpoint[], { predicate: { except = [] } }: Selection): readonly string[] {
  const known = endpoints.flatMap(({ kind, except: others }) => [kind, ...Object.keys(others)])
  return except.filter((name) => namesKind([name], known))
}

/** The endpoint of each selected kind, or the reason why it cannot be used. */
function queriesFor(
  endpoints: readonly Endpoint[],
  selection: Selection,
  deletion: Profile['deletion'],
): readonly (EndpointQuery | Matched)[] {
  const { types, except = [] } = selection.predicate
  const kinds = [...new Set(endpoints.map(({ kind }) => kind))]
  return kinds.flatMap((kind): readonly (EndpointQuery | Matched)[] => {
    if (namesKind(except, [kind]) || !(types?.includes(kind) ?? true)) return []
    const endpoint = endpointFor(endpoints, kind, selection.predicate)
    if (!endpoint)
      return types?.includes(kind)
        ? [unsupported(kind, 'byPredicate has no request that names just what is asked for')]
        : []
    const hard = isHard(endpoint, selection, deletion)
    const problem = problemWith(endpoint, selection, hard, deletion)
    return [
      problem
        ? { type: kind, count: 0, method: hard ? 'hard' : 'soft', error: problem }
        : { endpoint, selection, hard },
    ]
  })
}

/** An endpoint that supports both follows the request; otherwise it has one fixed way. */
function isHard({ request, soft }: Endpoint, selection: Selection, deletion: Profile['deletion']): boolean {
  if (!namesOf(request).some((name) => name === 'hard' || name === 'soft')) return !soft
  return selection.deletion ? selection.deletion === 'hard' : deletion === 'hard' || deletion === 'configured'
}

function problemWith(
  { kind, request, except, deleted }: Endpoint,
  { predicate, deletion: requested, spared }: Selection,
  hard: boolean,
  deletion: Profile['deletion'],
): DustpanError | undefined {
  if (namesKind(spared.types, [kind]))
    return new DustpanError('DUSTPAN_PROTECTED', `The kind ${kind} was left alone: the setting protect.types lists it.`)
  if (namesKind(Object.keys(spared.ids), [kind]))
    return new DustpanError(
      'DUSTPAN_PROTECTED',
      `The kind ${kind} stays: some are kept by protect.ids or in use by another run, and the endpoint cannot be told so.`,
    )
  if (hard && deletion === 'soft-only')
    return new DustpanError(
      'DUSTPAN_PROFILE_REFUSED',
      `${kind} are left: the endpoint deletes for good, and the profile has deletion: 'soft-only'.`,
    )
  if (requested !== undefined && (requested === 'hard') !== hard)
    return unsupported(kind, `the endpoint has no {hard} in it, and is ${hard ? 'not ' : ''}said to be soft`).error
  const unsafe = unsafeValueIn(request, predicate)
  if (unsafe !== undefined) return unsupported(kind, `${unsafe} cannot stand in a request`).error
  const other = (predicate.except ?? []).find(
    (type) => deleted !== undefined && !namesKind(Object.keys(except), [type]),
  )
  return other === undefined ? undefined : unsupported(kind, `nothing says how the endpoint leaves out ${other}`).error
}

function unsupported(kind: string, why: string): Matched & { readonly error: DustpanError } {
  const error = new DustpanError('DUSTPAN_CONFIG_INVALID', `${kind} does not support this filter: ${why}.`, {
    hint: 'Say it in byPredicate of http().',
  })
  return { type: kind, count: 0, method: 'hard', error }
}

const kindOf = ({ endpoint, hard }: EndpointQuery): Pick<Matched, 'type' | 'method'> => ({
  type: endpoint.kind,
  method: hard ? 'hard' : 'soft',
})

/** `unknown` if there is no list request, or its answer has no number. */
async function count(requests: Sender, query: EndpointQuery, signal: AbortSignal): Promise<Matched> {
  const { list, found } = query.endpoint
  if (list === undefined) return { ...kindOf(query), count: 'unknown' }
  const url = fillUrl(list, valuesOf(query.selection.predicate, query.hard))
  try {
    const answer = await requests.send({ method: 'GET', url }, signal)
    checkAnswer(answer, `GET ${redact(url)}`, query)
    const body = bodyAt(answer, found)
    return { ...kindOf(query), count: isCount(body) ? body : Array.isArray(body) ? body.length : 'unknown' }
  } catch (error) {
    return failed(query, error)
  }
}

async function remove(
  requests: Sender,
  query: EndpointQuery,
  agreed: Agreed,
  { signal }: RemovalContext,
): Promise<Matches> {
  const limit = agreed.get(query.endpoint.kind) ?? 0
  const before = await count(requests, query, signal)
  if (before.error) return { kinds: [before] }
  if (before.count !== 'unknown' && before.count > limit) return { kinds: [moreThanAgreed(kindOf(query), limit)] }
  // It could be counted at confirmation, and cannot be now.
  if (before.count === 'unknown' && limit !== Number.POSITIVE_INFINITY)
    return { kinds: [moreThanAgreed(kindOf(query), limit)] }
  try {
    const { request } = query.endpoint
    const filled = fillPlain(request, valuesOf(query.selection.predicate, query.hard))
    const without = exclusions(query)
    const url = withQuery(filled.url, without)
    const answer = await requests.send({ ...filled, url }, signal)
    checkAnswer(answer, `${filled.method} ${redact(url)}`, query)
    return await matchesIn(requests, answer, query, before.count, signal)
  } catch (error) {
    return { kinds: [await partlyFailed(requests, query, before.count, error, signal)] }
  }
}

/** A failed removal may have removed some; another count shows how many, if possible. */
async function partlyFailed(
  requests: Sender,
  query: EndpointQuery,
  before: Matched['count'],
  cause: unknown,
  signal: AbortSignal,
): Promise<Matched> {
  const { error, ...kind } = failed(query, cause)
  if (nothingRemoved.has(error.code)) return { ...kind, error }
  const gone = await countRemoved(requests, query, before, signal).catch(() => 'unknown' as const)
  const left = before === 'unknown' || gone === 'unknown' ? { error } : { count: before - gone, error }
  return { ...kind, count: gone, left: [left] }
}

/** Errors after which certainly nothing was removed. */
const nothingRemoved: ReadonlySet<string> = new Set(['DUSTPAN_WRONG_STORE', 'DUSTPAN_REMOVAL_MOCKED'])

/** Query parts that make the request leave out excepted or protected kinds, as far as supported. */
function exclusions({ endpoint, selection: { predicate, spared } }: EndpointQuery): readonly string[] {
  const keptTypes = [...(predicate.except ?? []), ...spared.types, ...Object.keys(spared.ids)]
  return Object.entries(endpoint.except).flatMap(([type, parameter]) =>
    namesKind(keptTypes, [type]) ? [parameter] : [],
  )
}

function withQuery(url: string, parts: readonly string[]): string {
  if (parts.length === 0) return url
  return `${url}${url.includes('?') ? '&' : '?'}${parts.join('&')}`
}

async function matchesIn(
  requests: Sender,
  answer: SentAnswer,
  query: EndpointQuery,
  before: Matched['count'],
  signal: AbortSignal,
): Promise<Matches> {
  const { deleted, preserved } = query.endpoint
  const reported = deleted === undefined ? undefined : bodyAt(answer, deleted)
  const preservedBody = preserved === undefined ? undefined : bodyAt(answer, preserved)
  const kinds = kindsIn(reported, query) ?? [
    { ...kindOf(query), count: await countRemoved(requests, query, before, signal) },
  ]
  const [owner] = typeof preservedBody === 'object' && preservedBody !== null ? Object.keys(preservedBody) : []
  return { kinds, ...(owner === undefined ? {} : { preserved: owner }) }
}

const isCount = (value: Json | undefined): value is number => Number.isSafeInteger(value) && Number(value) >= 0

/** One number, or one for each kind. */
function kindsIn(reported: Json | undefined, query: EndpointQuery): readonly Matched[] | undefined {
  if (isCount(reported)) return [{ ...kindOf(query), count: reported }]
  if (typeof reported !== 'object' || reported === null) return undefined
  return Object.entries(reported).flatMap(([type, count]) =>
    isCount(count) ? [{ ...kindOf(query), type, count }] : [],
  )
}

/** The difference of two counts, where the answer has no number. */
async function countRemoved(
  requests: Sender,
  query: EndpointQuery,
  before: Matched['count'],
  signal: AbortSignal,
): Promise<Matched['count']> {
  if (before === 'unknown') return 'unknown'
  const after = await count(requests, query, signal)
  return after.error || after.count === 'unknown' ? 'unknown' : Math.max(0, before - after.count)
}

function bodyAt(answer: SentAnswer, place: string): Json | undefined {
  const at = parsePlace(place, 'byPredicate')
  const body = parseJson(answer.body)
  if (at.in !== 'body' || at.steps.length === 0) return body
  const list = at.steps.at(-1) === '[]'
  const found = list
    ? valuesAt(body, at.steps)
    : at.steps.reduce<Json | undefined>((value, step) => (value as { [key: string]: Json } | undefined)?.[step], body)
  return found as Json | undefined
}

/** @throws DustpanError `DUSTPAN_UNKNOWN_OWNER` for an owner that the service does not know; `DUSTPAN_REMOVAL_FAILED`, `DUSTPAN_REMOVAL_MOCKED`. */
function checkAnswer(answer: SentAnswer, what: string, { endpoint, selection }: EndpointQuery): void {
  if (answer.mocked)
    throw new DustpanError(
      'DUSTPAN_REMOVAL_MOCKED',
      `${what} was answered by a mocking library, and reached no service.`,
    )
  if (answer.status >= 200 && answer.status < 300 && errorIn(answer.body) === undefined) return
  if (endpoint.selector === 'owner' && answer.status === 404) {
    throw new DustpanError(
      'DUSTPAN_UNKNOWN_OWNER',
      `The service knows no owner ${JSON.stringify(selection.predicate.owner)}: ${what} was answered with ${answer.result}.`,
    )
  }
  const reason = redact(reasonIn(answer.body)).slice(0, 200)
  throw new DustpanError(
    'DUSTPAN_REMOVAL_FAILED',
    `${what} was answered with ${answer.result}${reason === '' ? '' : `: ${reason}`}`.replace(/([^.])$/, '$1.'),
  )
}

function failed(query: EndpointQuery, error: unknown): Matched & { readonly error: DustpanError } {
  if (error instanceof DustpanError && error.code === 'DUSTPAN_UNKNOWN_OWNER') throw error
  const reported =
    error instanceof DustpanError
      ? error
      : new DustpanError('DUSTPAN_REMOVAL_FAILED', `The request failed: ${messageOf(error)}`, { cause: error })
  return { ...kindOf(query), count: 0, error: reported }
}
