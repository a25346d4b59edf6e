/** What a request says of whose things it is about, beside its path: a removal is sent without it. */

import { credentialOf } from '../http-client/answers.ts'
import { looksLikeId } from '../http-rules/noun.ts'
import { sameHost } from '../http-rules/origins.ts'
import { parametersOf, saysHow } from '../http-rules/parameters.ts'
import type { MatchedRule, Rule } from '../http-rules/rules.ts'
import { chosenBy, type Doubt, doubts } from './doubts.ts'
import type { SentRequest } from './exchange.ts'
import { isCollection } from './segments.ts'

/** Why the same path may be another thing's when Dustpan asks. @param own headers that go with Dustpan's requests too */
export function addressDoubt(request: SentRequest, own: Readonly<Record<string, unknown>>): Doubt | undefined {
  const headers = request.headers()
  if (parametersOf(request.path).some(([name]) => !saysHow(name))) return doubts.query
  if (isOfAnotherHost(headers, request.origin)) return doubts.host
  const chooser = headers.find(([name, value]) => choosesOwner(name) && !isOwn(own, name, value))
  if (chooser) return chosenBy(chooser[0])
  return meansAsker(request.path) && credentialOf(headers) !== '' ? doubts.whoeverAsks : undefined
}

/** Of what a rule lists beside 201 the answer says little: with a query that the rule does not name it may tell of something else (`PUT /bucket/key?tagging`). */
export function ruleDoubt({ rule, route }: MatchedRule, path: string, status: number): Doubt | undefined {
  if (status === 201) return undefined
  const others = parametersOf(path).filter(([name]) => !saysHow(name))
  if (others.length === 0) return undefined
  const named = new Set([route.text, ...urlsOf(rule)].flatMap(parametersOf).map(([name]) => name))
  return others.every(([name]) => named.has(name)) ? undefined : doubts.ruleQuery
}

const urlsOf = ({ remove, parts, fallback = [], removals }: Rule): readonly string[] =>
  [remove, parts.permanent, ...fallback, ...Object.values(removals)].flatMap((one) =>
    typeof one === 'object' ? one.url : [],
  )

/** Whom a request names, beside its path, as the owner of what it is about; empty: nobody, or who is named in Dustpan's own too. */
export function ownerOf(
  headers: readonly (readonly [name: string, value: string])[],
  origin: string,
  own: Readonly<Record<string, unknown>>,
): string {
  const isAnothers = isOfAnotherHost(headers, origin)
  return headers
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name, value]) => (choosesOwner(name) || (name === 'host' && isAnothers)) && !isOwn(own, name, value))
    .map((header) => header.join(': '))
    .sort()
    .join('\n')
}

/** Words in the names of headers that choose one of several owners of the same paths: `X-Tenant-ID`, `Stripe-Account`. */
const ownerWords = [
  'tenant',
  'org',
  'organi[sz]ation',
  'account',
  'workspace',
  'company',
  'customer',
  'merchant',
  'project',
  'team',
  'site',
  'shop',
  'store',
  'realm',
  'database',
  'namespace',
  'environment',
  'schema',
]

const ownerHeader = new RegExp(
  `^(?!sec-)(.*[-_])?(${ownerWords.join('|')})(id|slug|name|key|code)?($|[-_])|^content-profile$|^x-(forwarded|original)-host$`,
  'i',
)

const choosesOwner = (name: string): boolean => ownerHeader.test(name)

function isOwn(own: Readonly<Record<string, unknown>>, name: string, value: string): boolean {
  return Object.entries(own).some(([other, given]) => other.toLowerCase() === name && String(given) === value)
}

function isOfAnotherHost(headers: ReturnType<SentRequest['headers']>, origin: string): boolean {
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
