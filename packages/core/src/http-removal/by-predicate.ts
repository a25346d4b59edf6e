/** Counts and removes what a predicate means, by the application's own endpoints. */
import { DustpanError, messageOf } from '../errors/dustpan-error.ts'
import { redact } from '../errors/redact.ts'
import { parseJson } from '../http-client/answer-body.ts'
import { errorIn } from '../http-client/error-in.ts'
import { reasonIn } from '../http-client/reason-in.ts'
import type { Sender, SentAnswer } from '../http-client/sender.ts'
import { type Endpoint, endpointFor, namesOf, unclearIn, valuesOf } from '../http-rules/endpoints.ts'
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

interface Asked {
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
      for (const asked of askedOf(endpoints, selection, deletion))
        kinds.push('endpoint' in asked ? await count(requests, asked, signal) : asked)
      return { kinds, excepted: exceptedBy(endpoints, selection) }
    },
    async removeWhere(selection, agreed, ctx) {
      const parts: Matches[] = []
      for (const asked of askedOf(endpoints, selection, deletion))
        if (!('endpoint' in asked)) parts.push({ kinds: agreed.has(asked.type) ? [asked] : [] })
        else if (agreed.has(asked.endpoint.kind)) parts.push(await remove(requests, asked, agreed, ctx))
      const preserved = parts.map((part) => part.preserved).find((owner) => owner !== undefined)
      return { kinds: parts.flatMap(({ kinds }) => kinds), ...(preserved === undefined ? {} : { preserved }) }
    },
  }
}

/** Of the names in `except` those of kinds here, or that a request can leave out. */
function exceptedBy(endpoints: readonly Endpoint[], { predicate: { except = [] } }: Selection): readonly string[] {
  const known = endpoints.flatMap(({ kind, except: others }) => [kind, ...Object.keys(others)])
  return except.filter((name) => namesKind([name], known))
}

/** The endpoint of each kind that is meant, or why it cannot be asked. */
function askedOf(
  endpoints: readonly Endpoint[],
  selection: Selection,
  deletion: Profile['deletion'],
): readonly (Asked | Matched)[] {
  const { types, except = [] } = selection.predicate
  const kinds = [...new Set(endpoints.map(({ kind }) => kind))]
  return kinds.flatMap((kind): readonly (Asked | Matched)[] => {
    if (namesKind(except, [kind]) || !(types?.includes(kind) ?? true)) return []
    const endpoint = endpointFor(endpoints, kind, selection.predicate)
    if (!endpoint)
      return types?.includes(kind) ? [unfit(kind, 'byPredicate has no request that names just what is asked for')] : []
    const hard = isHard(endpoint, selection, deletion)
    const problem = problemWith(endpoint, selection, hard, deletion)
    return [
      problem
        ? { type: kind, count: 0, method: hard ? 'hard' : 'soft', error: problem }
        : { endpoint, selection, hard },
    ]
  })
}

/** An endpoint that can do both does as it is asked; else it does what it does. */
function isHard({ request, soft }: Endpoint, selection: Selection, deletion: Profile['deletion']): boolean {
  if (!namesOf(request).some((name) => name === 'hard' || name === 'soft')) return !soft
  return selection.deletion ? selection.deletion === 'hard' : deletion === 'hard' || deletion === 'configured'
}

function problemWith(
  { kind, request, except, deleted }: Endpoint,
  { predicate, deletion: asked, spared }: Selection,
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
  if (asked !== undefined && (asked === 'hard') !== hard)
    return unfit(kind, `the endpoint has no {hard} in it, and is ${hard ? 'not ' : ''}said to be soft`).error
  const unclear = unclearIn(request, predicate)
  if (unclear !== undefined) return unfit(kind, `${unclear} cannot stand in a request`).error
  const other = (predicate.except ?? []).find(
    (type) => deleted !== undefined && !namesKind(Object.keys(except), [type]),
  )
  return other === undefined ? undefined : unfit(kind, `nothing says how the endpoint leaves out ${other}`).error
}

function unfit(kind: string, why: string): Matched & { readonly error: DustpanError } {
  const error = new DustpanError('DUSTPAN_CONFIG_INVALID', `${kind} does not support this filter: ${why}.`, {
    hint: 'Say it in byPredicate of http().',
  })
  return { type: kind, count: 0, method: 'hard', error }
}

const named = ({ endpoint, hard }: Asked): Pick<Matched, 'type' | 'method'> => ({
  type: endpoint.kind,
  method: hard ? 'hard' : 'soft',
})

/** `unknown` where there is nothing to ask, or the answer does not tell. */
async function count(requests: Sender, asked: Asked, signal: AbortSignal): Promise<Matched> {
  const { list, found } = asked.endpoint
  if (list === undefined) return { ...named(asked), count: 'unknown' }
  const url = fillUrl(list, valuesOf(asked.selection.predicate, asked.hard))
  try {
    const answer = await requests.send({ method: 'GET', url }, signal)
    checkAnswer(answer, `GET ${redact(url)}`, asked)
    const body = bodyAt(answer, found)
    return { ...named(asked), count: isCount(body) ? body : Array.isArray(body) ? body.length : 'unknown' }
  } catch (error) {
    return failed(asked, error)
  }
}

async function remove(requests: Sender, asked: Asked, agreed: Agreed, { signal }: RemovalContext): Promise<Matches> {
  const limit = agreed.get(asked.endpoint.kind) ?? 0
  const before = await count(requests, asked, signal)
  if (before.error) return { kinds: [before] }
  if (before.count !== 'unknown' && before.count > limit) return { kinds: [moreThanAgreed(named(asked), limit)] }
  // It could be counted when somebody agreed, and cannot be now.
  if (before.count === 'unknown' && limit !== Number.POSITIVE_INFINITY)
    return { kinds: [moreThanAgreed(named(asked), limit)] }
  try {
    const { request } = asked.endpoint
    const filled = fillPlain(request, valuesOf(asked.selection.predicate, asked.hard))
    const without = leftOut(asked)
    const url = withQuery(filled.url, without)
    const answer = await requests.send({ ...filled, url }, signal)
    checkAnswer(answer, `${filled.method} ${redact(url)}`, asked)
    return await matchesIn(requests, answer, asked, before.count, signal)
  } catch (error) {
    return { kinds: [await halfDone(requests, asked, before.count, error, signal)] }
  }
}

/** A removal that failed may have taken some: another count tells, where there is one. */
async function halfDone(
  requests: Sender,
  asked: Asked,
  before: Matched['count'],
  cause: unknown,
  signal: AbortSignal,
): Promise<Matched> {
  const { error, ...kind } = failed(asked, cause)
  if (notArrived.has(error.code)) return { ...kind, error }
  const gone = await fewer(requests, asked, before, signal).catch(() => 'unknown' as const)
  const left = before === 'unknown' || gone === 'unknown' ? { error } : { count: before - gone, error }
  return { ...kind, count: gone, left: [left] }
}

/** Nothing was removed, whatever there is. */
const notArrived: ReadonlySet<string> = new Set(['DUSTPAN_WRONG_STORE', 'DUSTPAN_REMOVAL_MOCKED'])

/** How the request is told to leave out what is excepted or protected, as far as it can be. */
function leftOut({ endpoint, selection: { predicate, spared } }: Asked): readonly string[] {
  const stays = [...(predicate.except ?? []), ...spared.types, ...Object.keys(spared.ids)]
  return Object.entries(endpoint.except).flatMap(([type, query]) => (namesKind(stays, [type]) ? [query] : []))
}

function withQuery(url: string, parts: readonly string[]): string {
  if (parts.length === 0) return url
  return `${url}${url.includes('?') ? '&' : '?'}${parts.join('&')}`
}

async function matchesIn(
  requests: Sender,
  answer: SentAnswer,
  asked: Asked,
  before: Matched['count'],
  signal: AbortSignal,
): Promise<Matches> {
  const { deleted, preserved } = asked.endpoint
  const told = deleted === undefined ? undefined : bodyAt(answer, deleted)
  const stays = preserved === undefined ? undefined : bodyAt(answer, preserved)
  const kinds = kindsIn(told, asked) ?? [{ ...named(asked), count: await fewer(requests, asked, before, signal) }]
  const [owner] = typeof stays === 'object' && stays !== null ? Object.keys(stays) : []
  return { kinds, ...(owner === undefined ? {} : { preserved: owner }) }
}

const isCount = (told: Json | undefined): told is number => Number.isSafeInteger(told) && Number(told) >= 0

/** One number, or one for each kind. */
function kindsIn(told: Json | undefined, asked: Asked): readonly Matched[] | undefined {
  if (isCount(told)) return [{ ...named(asked), count: told }]
  if (typeof told !== 'object' || told === null) return undefined
  return Object.entries(told).flatMap(([type, count]) => (isCount(count) ? [{ ...named(asked), type, count }] : []))
}

/** What the answer does not tell, another count does. */
async function fewer(
  requests: Sender,
  asked: Asked,
  before: Matched['count'],
  signal: AbortSignal,
): Promise<Matched['count']> {
  if (before === 'unknown') return 'unknown'
  const after = await count(requests, asked, signal)
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
function checkAnswer(answer: SentAnswer, what: string, { endpoint, selection }: Asked): void {
  if (answer.mocked)
    throw new DustpanError(
      'DUSTPAN_REMOVAL_MOCKED',
      `${what} was answered by a mocking library, and reached no service.`,
    )
  if (answer.status >= 200 && answer.status < 300 && errorIn(answer.body) === undefined) return
  if (endpoint.asks === 'owner' && answer.status === 404) {
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

function failed(asked: Asked, error: unknown): Matched & { readonly error: DustpanError } {
  if (error instanceof DustpanError && error.code === 'DUSTPAN_UNKNOWN_OWNER') throw error
  const told =
    error instanceof DustpanError
      ? error
      : new DustpanError('DUSTPAN_REMOVAL_FAILED', `The request failed: ${messageOf(error)}`, { cause: error })
  return { ...named(asked), count: 0, error: told }
}
