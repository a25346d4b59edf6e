/** Whether a rule's removal addresses the same owner as the request: number 4 may exist in several tenants. */

import { headerPairs, mergedHeaders } from '../http-client/headers.ts'
import { isPresentational, isRemovalOption, parametersOf } from '../http-rules/parameters.ts'
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
import { isAddressHeader, ownerWord } from './owner-names.ts'

/** @param own headers also sent with Dustpan's requests */
export function ruleOwnerDoubt(
  { rule, params }: MatchedRule,
  request: SentRequest,
  own: Readonly<Record<string, unknown>>,
): Doubt | undefined {
  const { origin, path } = request
  const original: Sent = { origin, url: path, headers: ownersIn(request.headers(), origin) }
  for (const { url, headers, body } of sentBy(rule, trimmed(path))) {
    const sent = ownersIn(headerPairs(mergedHeaders(own, headers)), origin)
    const filled = fillUrl(url, (name) => params[name])
    const doubt = difference(original, { origin, url, filled, headers: sent, body })
    if (doubt) return doubt
  }
  return undefined
}

/** All requests that may be sent for a rule's resources; without a removal, those to the request's path. */
function sentBy(
  { remove, removals, many, entities, fallback = [], parts }: Rule,
  path: string,
): readonly PlainRequest[] {
  const beside: RequestTemplate = { method: 'DELETE', url: literal(path) }
  const byType = Object.keys(many ?? {}).map((type) => removals[type] ?? removals[singular(type)] ?? beside)
  const byEntity = entities ? [...Object.values(removals), beside] : []
  const main = many || entities ? [...byType, ...byEntity] : [remove ?? beside]
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
  /** The URL with its placeholders filled from the request's path. */
  readonly filled?: string
  readonly headers: readonly Header[]
  readonly body?: Json | undefined
}

function difference(original: Sent, sent: Sent): Doubt | undefined {
  const removalClues = cluesIn(sent)
  const header = original.headers.find((one) => !hasHeaderClue(one, removalClues))
  if (header) return choiceDoubt(header[0], sent.headers)
  if (choices(original, sent).some((one) => !hasClue(one, removalClues))) return doubts.ownerQuery
  const requestClues = cluesIn(original)
  const added = sent.headers.find((one) => !hasHeaderClue(one, requestClues))
  if (added) return addedBy(added[0])
  const parameter = choices(sent, original).find((one) => !hasClue(one, requestClues))
  return parameter && addedBy(`?${parameter.name}`)
}

/** A part of a request that may identify an owner. */
interface Clue {
  readonly name: string
  /** The kind of owner; empty for a path segment that may be anything. */
  readonly word: string
  readonly value: string
}

/**
 * Whether the others name the same owner, by the same kind of name or a placeholder; by another kind only if the value is not a
 * number, which many owners share.
 */
function hasClue({ word, value }: Clue, others: readonly Clue[]): boolean {
  if (isOpen(value)) return true
  return others.some((one) =>
    one.word === word ? one.value === value || isOpen(one.value) : one.value === value && !/^\d*$/.test(value),
  )
}

const hasHeaderClue = (header: Header, others: readonly Clue[]): boolean =>
  isAddressHeader(header[0])
    ? others.some((one) => one.name === header[0] && isAddressBeside(one.value, header[1]))
    : [header, ...labelOf(header)].some((one) => hasClue(clueOf(one), others))

/** Whether the request's address and the removal's, which has placeholders, are on one host. */
function isAddressBeside(one: string, other: string): boolean {
  const hosts = [one, other].map((address) => /^\w+:\/\/([^/?#]*)/.exec(address)?.[1] ?? '')
  return isOpen(one) !== isOpen(other) && (hosts.some(isOpen) || hosts[0] === hosts[1])
}

/** A placeholder of the rule. */
const isOpen = (value: string): boolean => /\{[\w.]+\}/.test(value)

const clueOf = ([name, value]: Header): Clue => ({ name, word: ownerWord(name) ?? name, value })

function cluesIn({ origin, url, filled = url, headers, body }: Sent): readonly Clue[] {
  const hosts = [['host', new URL(origin).hostname] as const, ...headers].flatMap(labelOf)
  const names = namesIn([url, body ?? null]).map((name) => [name.replace(/\.id$/, ''), `{${name}}`] as const)
  return [
    ...[...headers, ...hosts, ...parametersOf(url), ...names, ...fieldsIn(body)].map(clueOf),
    ...[url, filled].flatMap((one) => pathClues(trimmed(one))),
  ]
}

/** The tenant in a host name: `acme` of `acme.shop.test`. */
const labelOf = ([name, value]: Header): readonly Header[] =>
  name === 'host' ? [['subdomain', value.split('.')[0] ?? '']] : []

function fieldsIn(body: Json | undefined): readonly Header[] {
  if (typeof body !== 'object' || body === null) return []
  return Object.entries(body).flatMap(([name, value]) =>
    typeof value === 'object' ? fieldsIn(value) : [[name, String(value)] as const],
  )
}

/** `/tenants/b/notes`: `b` is a tenant. */
const pathClues = (path: string): readonly Clue[] =>
  path
    .split('/')
    .map(decodeSegment)
    .map((value, i, all) => ({ name: value, word: ownerWord(singular(all[i - 1] ?? '')) ?? '', value }))

/** Parameters that select an owner, or that the other request has too. */
function choices({ url }: Sent, other: Sent): readonly Clue[] {
  const names = new Set(parametersOf(other.url).map(([name]) => name))
  return parametersOf(url)
    .filter(([name]) => ownerWord(name) !== undefined || (names.has(name) && !isRemovalOption(name)))
    .filter((one) => !isPresentational(...one))
    .map(clueOf)
}
