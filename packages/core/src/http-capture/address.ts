/** What a request says of whose things it is about, beside its path: a removal is sent without it. */

import { credentialOf } from '../http-client/answers.ts'
import { headerPairs } from '../http-client/headers.ts'
import { looksLikeId } from '../http-rules/noun.ts'
import { sameHost } from '../http-rules/origins.ts'
import { namesPart, parametersOf, saysHow } from '../http-rules/parameters.ts'
import type { MatchedRule, Rule } from '../http-rules/rules.ts'
import { addedBy, chosenBy, chosenOtherwise, type Doubt, doubts } from './doubts.ts'
import type { SentRequest } from './exchange.ts'
import { ownerWord } from './owner-names.ts'
import { isCollection } from './segments.ts'

/** Why the same path may be another thing's when Dustpan asks. @param own headers that go with Dustpan's requests too */
export function addressDoubt(request: SentRequest, own: Readonly<Record<string, unknown>>): Doubt | undefined {
  const headers = request.headers()
  const query = parametersOf(request.path).filter(([name]) => !saysHow(name))
  if (query.length > 0) return query.some(([name]) => namesPart(name)) ? doubts.part : doubts.query
  const doubt = headersDoubt(ownersIn(headers, request.origin), ownersIn(headerPairs(own), request.origin))
  return doubt ?? (meansAsker(request.path) && credentialOf(headers) !== '' ? doubts.whoeverAsks : undefined)
}

function headersDoubt(asked: readonly Header[], sent: readonly Header[]): Doubt | undefined {
  const other = asked.find((header) => !isAmong(sent, header))
  if (other) return choiceDoubt(other[0], sent)
  const ours = sent.find((header) => !isAmong(asked, header))
  return ours && addedBy(ours[0])
}

const isAmong = (headers: readonly Header[], [name, value]: Header): boolean =>
  headers.some((one) => one[0] === name && one[1] === value)

/** Of a header of the request that its removal has not, or not so. */
export function choiceDoubt(name: string, sent: readonly Header[]): Doubt {
  if (name === 'host') return doubts.host
  return sent.some((one) => one[0] === name) ? chosenOtherwise(name) : chosenBy(name)
}

/**
 * Of what a rule lists beside 201 the answer says little: with a query that the rule does not name it may be about something else
 * (`PUT /bucket/key?tagging`). With some queries it certainly is.
 */
export function ruleDoubt({ rule, route }: MatchedRule, path: string, status: number): Doubt | undefined {
  const others = parametersOf(path).filter(([name]) => !saysHow(name))
  if (others.length === 0) return undefined
  const named = new Set([route.text, ...urlsOf(rule)].flatMap(parametersOf).map(([name]) => name))
  const unnamed = others.filter(([name]) => !named.has(name))
  if (unnamed.some(([name]) => namesPart(name))) return doubts.part
  if (status === 201 || unnamed.length === 0) return undefined
  return unnamed.some(([, value]) => value === '') ? doubts.part : doubts.ruleQuery
}

const urlsOf = ({ remove, parts, fallback = [], removals }: Rule): readonly string[] =>
  [remove, parts.permanent, ...fallback, ...Object.values(removals)].flatMap((one) =>
    typeof one === 'object' ? one.url : [],
  )

export type Header = readonly [name: string, value: string]

/** The headers that choose whose things are meant; `Host` when it is another than the URL's. */
export function ownersIn(headers: readonly Header[], origin: string): readonly Header[] {
  const isAnothers = isOfAnotherHost(headers, origin)
  return headers
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => (name === 'host' ? isAnothers : ownerWord(name) !== undefined))
}

/** Whom a request names, beside its path, as the owner of what it is about; empty: nobody. */
export const ownerOf = (headers: readonly Header[], origin: string): string =>
  ownersIn(headers, origin)
    .map((header) => header.join(': '))
    .sort()
    .join('\n')

function isOfAnotherHost(headers: readonly Header[], origin: string): boolean {
  const host = headers.find(([name]) => name === 'host')?.[1]
  return host !== undefined && hostOf(`${origin.split('//')[0]}//${host}`) !== hostOf(origin)
}

/** Host and port; localhost by one name. */
export function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(sameHost(new URL(origin).origin)).host : undefined
}

/** What everyone has one of, so that no id tells whose: `/cart/items`, but not `/carts/3/items`, nor `/user/7/notes`. */
const ownedByAsker = /^(cart|basket|bag|wish-?list|account|profile|session|inbox|user|customer)$/i

function meansAsker(path: string): boolean {
  const segments = path.split('/')
  return segments.some((segment, i) => {
    const next = segments[i + 1]
    if (!ownedByAsker.test(segment) || next === undefined || looksLikeId(next)) return false
    return i + 2 === segments.length || isCollection(next)
  })
}
