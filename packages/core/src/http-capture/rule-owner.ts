/** Whether what a rule sends is for whom the request was: a tenant's number 4 is another's too. */

import { headerPairs, together } from '../http-client/headers.ts'
import { parametersOf, saysHow, saysHowToRemove } from '../http-rules/parameters.ts'
import type { PlainRequest } from '../http-rules/plain-request.ts'
import type { RequestTemplate } from '../http-rules/request-template.ts'
import { decodeSegment, trimmed } from '../http-rules/route.ts'
import type { MatchedRule, Rule } from '../http-rules/rules.ts'
import { singular } from '../resource/plural.ts'
import type { Json } from '../resource/resource.ts'
import { fillUrl, namesIn } from '../resource/template.ts'
import { choiceDoubt, type Header, ownersIn } from './address.ts'
import { literal } from './created-set.ts'
import { addedBy, type Doubt, doubts } from './doubts.ts'
import type { SentRequest } from './exchange.ts'
import { ownerWord } from './owner-names.ts'

/** @param own headers that go with Dustpan's requests too */
export function ruleOwnerDoubt(
  { rule, params }: MatchedRule,
  request: SentRequest,
  own: Readonly<Record<string, unknown>>,
): Doubt | undefined {
  const { origin, path } = request
  const asked: Sent = { origin, url: path, headers: ownersIn(request.headers(), origin) }
  for (const { url, headers, body } of sentBy(rule, trimmed(path))) {
    const sent = ownersIn(headerPairs(together(own, headers)), origin)
    const filled = fillUrl(url, (name) => params[name])
    const doubt = difference(asked, { origin, url, filled, headers: sent, body })
    if (doubt) return doubt
  }
  return undefined
}

/** All that may be sent for what the rule finds; where it says nothing, to the path of the request. */
function sentBy(
  { remove, removals, many, entities, fallback = [], parts }: Rule,
  path: string,
): readonly PlainRequest[] {
  const beside: RequestTemplate = { method: 'DELETE', url: literal(path) }
  const ofTypes = Object.keys(many ?? {}).map((type) => removals[type] ?? removals[singular(type)] ?? beside)
  const ofAny = entities ? [...Object.values(removals), beside] : []
  const main = many || entities ? [...ofTypes, ...ofAny] : [remove ?? beside]
  const all = [...main.map((one) => ({ ...one, ...parts })), ...fallback]
  return all.flatMap((one) => [
    one,
    ...(one.first ?? []),
    ...(typeof one.permanent === 'object' ? [one.permanent] : []),
  ])
}

interface Sent {
  readonly origin: string
  readonly url: string
  /** With what the path of the request has for its names. */
  readonly filled?: string
  readonly headers: readonly Header[]
  readonly body?: Json | undefined
}

function difference(asked: Sent, sent: Sent): Doubt | undefined {
  const said = sayings(sent)
  const header = asked.headers.find((one) => !isHeaderSaid(one, said))
  if (header) return choiceDoubt(header[0], sent.headers)
  if (choices(asked, sent).some((one) => !isSaid(one, said))) return doubts.query
  const known = sayings(asked)
  const added = sent.headers.find((one) => !isHeaderSaid(one, known))
  if (added) return addedBy(added[0])
  const parameter = choices(sent, asked).find((one) => !isSaid(one, known))
  return parameter && addedBy(`?${parameter.name}`)
}

/** What a part of a request says of an owner. */
interface Saying {
  readonly name: string
  /** What it names; empty for a part of the path that may be anything. */
  readonly word: string
  readonly value: string
}

/** The same owner by the same kind of name, or one that is filled in; by another kind, where its value is no number that many have. */
function isSaid({ word, value }: Saying, others: readonly Saying[]): boolean {
  if (isOpen(value)) return true
  return others.some((one) =>
    one.word === word ? one.value === value || isOpen(one.value) : one.value === value && !/^\d*$/.test(value),
  )
}

const isHeaderSaid = (header: Header, others: readonly Saying[]): boolean =>
  [header, ...labelOf(header)].some((one) => isSaid(sayingOf(one), others))

/** A rule's name, to be filled in. */
const isOpen = (value: string): boolean => /\{[\w.]+\}/.test(value)

const sayingOf = ([name, value]: Header): Saying => ({ name, word: ownerWord(name) ?? name, value })

function sayings({ origin, url, filled = url, headers, body }: Sent): readonly Saying[] {
  const hosts = [['host', new URL(origin).hostname] as const, ...headers].flatMap(labelOf)
  const names = namesIn([url, body ?? null]).map((name) => [name.replace(/\.id$/, ''), `{${name}}`] as const)
  return [
    ...[...headers, ...hosts, ...parametersOf(url), ...names, ...fieldsIn(body)].map(sayingOf),
    ...[url, filled].flatMap((one) => inPath(trimmed(one))),
  ]
}

/** The tenant in a host's name: `acme` of `acme.shop.test`. */
const labelOf = ([name, value]: Header): readonly Header[] =>
  name === 'host' ? [['subdomain', value.split('.')[0] ?? '']] : []

function fieldsIn(body: Json | undefined): readonly Header[] {
  if (typeof body !== 'object' || body === null) return []
  return Object.entries(body).flatMap(([name, value]) =>
    typeof value === 'object' ? fieldsIn(value) : [[name, String(value)] as const],
  )
}

/** `/tenants/b/notes`: `b` is a tenant. */
const inPath = (path: string): readonly Saying[] =>
  path
    .split('/')
    .map(decodeSegment)
    .map((value, i, all) => ({ name: value, word: ownerWord(singular(all[i - 1] ?? '')) ?? '', value }))

/** Parameters that choose an owner, or something that the other request chooses too. */
function choices({ url }: Sent, other: Sent): readonly Saying[] {
  const names = new Set(parametersOf(other.url).map(([name]) => name))
  return parametersOf(url)
    .filter(([name]) => ownerWord(name) !== undefined || (names.has(name) && !saysHowToRemove(name)))
    .filter(([name]) => !saysHow(name))
    .map(sayingOf)
}
