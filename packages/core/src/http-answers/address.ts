/** Finds the parts of a request besides its path (headers, query) that select the resource's owner: a removal is sent without them. */

import { credentialOf } from '../http-client/answers.ts'
import { headerPairs } from '../http-client/headers.ts'
import { looksLikeId } from '../http-rules/noun.ts'
import { sameHost } from '../http-rules/origins.ts'
import { isPartParameter, isPresentational, parametersOf } from '../http-rules/parameters.ts'
import type { MatchedRule, Rule } from '../http-rules/rules.ts'
import { addedBy, chosenBy, chosenOtherwise, type Doubt, doubts } from './doubts.ts'
import type { SentRequest } from './exchange.ts'
import { isAddressHeader, ownerWord } from './owner-names.ts'
import { isCollection } from './segments.ts'

/**
 * Why the same path may be a different resource when Dustpan requests it.
 * @param own headers also sent with Dustpan's requests
 */
export function addressDoubt(request: SentRequest, own: Readonly<Record<string, unknown>>): Doubt | undefined {
  const headers = request.headers()
  const query = parametersOf(request.path).filter((one) => !isPresentational(...one))
  if (query.length > 0) return query.some(([name]) => isPartParameter(name)) ? doubts.part : doubts.query
  const doubt = headersDoubt(ownersIn(headers, request.origin), ownersIn(headerPairs(own), request.origin))
  return doubt ?? (dependsOnSender(request.path) && credentialOf(headers) !== '' ? doubts.dependsOnSender : undefined)
}

function headersDoubt(requested: readonly Header[], removing: readonly Header[]): Doubt | undefined {
  const other = requested.find((header) => !isAmong(removing, header))
  if (other) return choiceDoubt(other[0], removing)
  const added = removing.find((header) => !isAmong(requested, header))
  return added && addedBy(added[0])
}

const isAmong = (headers: readonly Header[], [name, value]: Header): boolean =>
  !isAddressHeader(name) && headers.some((one) => one[0] === name && one[1] === value)

/** For a header of the request that its removal would not send, or with another value. */
export function choiceDoubt(name: string, removing: readonly Header[]): Doubt {
  if (name === 'host') return doubts.host
  return removing.some((one) => one[0] === name) ? chosenOtherwise(name) : chosenBy(name)
}

/**
 * Statuses that a rule lists besides 201 say little: with a query that the rule does not name the request may concern something
 * else (`PUT /bucket/key?tagging`). With some queries it certainly does.
 */
export function ruleDoubt({ rule, route }: MatchedRule, path: string, status: number): Doubt | undefined {
  const others = parametersOf(path).filter((one) => !isPresentational(...one))
  if (others.length === 0) return undefined
  const named = new Set([route.text, ...urlsOf(rule)].flatMap(parametersOf).map(([name]) => name))
  const unnamed = others.filter(([name]) => !named.has(name))
  if (unnamed.some(([name]) => isPartParameter(name))) return doubts.part
  if (unnamed.some(([name]) => version.test(name))) return doubts.ruleQuery
  if (status === 201 || unnamed.length === 0) return undefined
  return unnamed.some(([, value]) => value === '') ? doubts.part : doubts.ruleQuery
}

/** Of the resource: a removal without it removes all versions. */
const version = /^v(ersion)?$/i

const urlsOf = ({ remove, parts, fallback = [], removals }: Rule): readonly string[] =>
  [remove, parts.permanent, ...fallback, ...Object.values(removals)].flatMap((one) =>
    typeof one === 'object' ? one.url : [],
  )

export type Header = readonly [name: string, value: string]

/** The headers that select an owner; those that name a host, only if it is not the URL's. */
export function ownersIn(headers: readonly Header[], origin: string): readonly Header[] {
  const isOtherHost = isOfAnotherHost(headers, origin)
  return headers
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter((header) => (header[0] === 'host' ? isOtherHost : selectsOwner(header, origin)))
}

function selectsOwner([name, value]: Header, origin: string): boolean {
  const named = hostNames.get(name)?.exec(value)?.[1]
  if (named !== undefined) return hostNameOf(`http://${named}`) !== hostNameOf(origin)
  return ownerWord(name) !== undefined
}

/** Names of hosts, without ports: Miniflare sends the URL that was passed to `dispatchFetch`, which is often `http://localhost`. */
const hostNames: ReadonlyMap<string, RegExp> = new Map([
  ['forwarded', /host="?([^";,\s]+)/i],
  ['mf-original-url', /^https?:\/\/([^/?#]+)/i],
])

const hostNameOf = (origin: string): string | undefined => hostOf(origin)?.replace(/:\d+$/, '')

/** The owner that a request names besides its path; empty: none. */
export const ownerOf = (headers: readonly Header[], origin: string): string =>
  ownersIn(headers, origin)
    .map((header) => header.join(': '))
    .sort()
    .join('\n')

function isOfAnotherHost(headers: readonly Header[], origin: string): boolean {
  const host = headers.find(([name]) => name === 'host')?.[1]
  return host !== undefined && hostOf(`${origin.split('//')[0]}//${host}`) !== hostOf(origin)
}

/** Host and port, with one name for localhost. */
export function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(sameHost(new URL(origin).origin)).host : undefined
}

/** Resources that every user has one of, so that no id identifies the owner: `/cart/items`, but not `/carts/3/items`, nor `/user/7/notes`. */
const ownedBySender = /^(cart|basket|bag|wish-?list|account|profile|session|inbox|user|customer)$/i

function dependsOnSender(path: string): boolean {
  const segments = path.split('/')
  return segments.some((segment, i) => {
    const next = segments[i + 1]
    if (!ownedBySender.test(segment) || next === undefined || looksLikeId(next)) return false
    return i + 2 === segments.length || isCollection(next)
  })
}
