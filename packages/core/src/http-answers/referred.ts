/** Resources that a new one refers to: the request's path continues another resource's path, or its body contains another resource's key. */

import { idOf } from '../http-rules/default-ids.ts'
import { fillBody } from '../http-rules/graphql-body.ts'
import { sameHost } from '../http-rules/origins.ts'
import { fillPlain, type PlainRequest } from '../http-rules/plain-request.ts'
import { keyValues, type RequestTemplate } from '../http-rules/request-template.ts'
import { decodeSegment, trimmed } from '../http-rules/route.ts'
import type { KnownResource, StoreSeen } from '../resource/capture.ts'
import { singular } from '../resource/plural.ts'
import type { Json, ResourceId } from '../resource/resource.ts'
import type { Values } from '../resource/template.ts'

export function referred(
  known: Iterable<KnownResource>,
  store: StoreSeen,
  path: string,
  body: Json | undefined,
): ResourceId[] {
  const named = namedIn(body)
  const found: ResourceId[] = []
  for (const resource of known) {
    const within = () => isSameStore(resource, store) && path.startsWith(`${ownRequest(resource, path)?.path}/`)
    if (within() || named.get(plain(resource.type))?.has(String(resource.key))) found.push(resource.id)
  }
  return found
}

export function isSameStore({ store: { id } }: KnownResource, store: StoreSeen): boolean {
  return id === store.id || sameHost(id) === sameHost(store.id)
}

export interface OwnRequest {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly headers?: RequestTemplate['headers']
}

/** The removal request of a resource, if its own path may be the beginning of the given one. */
export function ownRequest({ removal, key }: KnownResource, path: string, form = asWritten): OwnRequest | undefined {
  if (!removal || 'closure' in removal || removal.op !== 'request') return undefined
  const own = pathOf(form(removal.args as unknown as RequestTemplate), key)
  if (!own) return undefined
  const { method, url, headers } = own
  if (!path.startsWith(trimmed(url.slice(0, Math.max(url.search(/[{?]/), 0))))) return undefined
  const filled = fillPlain({ method, url, ...(headers ? { headers } : {}) }, keyValues(key))
  const query = filled.url.split('?')[1] ?? ''
  return { ...filled, path: trimmed(filled.url), query }
}

export interface RemovalRequest extends OwnRequest {
  /** Undefined: the rest identifies the resource. */
  readonly body?: Json
  /** The headers that identify the resource. */
  readonly named: Readonly<Record<string, string>>
}

/** The removal of a resource as it is sent, except for `{ids}` in its body, if its path may be the given one. */
export function removalRequest(
  { removal, key }: KnownResource,
  path: string,
  form = asWritten,
): RemovalRequest | undefined {
  if (!removal || 'closure' in removal || removal.op !== 'request') return undefined
  const { method, url, headers = {}, body } = form(removal.args as unknown as RequestTemplate)
  // Then its path, which `ownRequest` returns, says all.
  if (body === undefined && Object.keys(headers).length === 0) return undefined
  if (!path.startsWith(trimmed(url.slice(0, Math.max(url.search(/[{?]/), 0))))) return undefined
  const filled = fillPlain({ method, url, headers }, keyValues(key))
  const isNamedByPath = isOfPath(url, key)
  const isNamed = ([name]: [string, string]) =>
    namesId(headers[name] ?? '') || (!isNamedByPath && !namesId(url) && body === undefined && !isGeneral(name))
  const one: Values = (name) => (name === 'ids' ? undefined : keyValues(key)(name))
  // What is sent to `DELETE /users/7` or `POST /users/7/archive` only says how.
  const saysHow = isNamedByPath && (method === 'DELETE' || !endsInId(url, key))
  return {
    ...filled,
    path: trimmed(filled.url),
    query: filled.url.split('?')[1] ?? '',
    named: Object.fromEntries(Object.entries(filled.headers).filter(isNamed)),
    ...(body === undefined || saysHow ? {} : { body: fillBody(body, one) }),
  }
}

/** Headers that any request may have. */
const isGeneral = (name: string): boolean => /^(accept|content|user|cache)-|^(accept|prefer|host)$/i.test(name)

const asWritten = (template: RequestTemplate): RequestTemplate => template

/** If the body, a header or a list identifies the resource, the removal's path is shared with others: the resource's own path is that of `verify`. */
function pathOf({ method, url, headers, batch, body, verify }: RequestTemplate, key: Json): PlainRequest | undefined {
  const isNamedElsewhere = !isOfPath(url, key) && (body !== undefined || namesId(headers ?? null))
  if (batch === undefined && !isNamedElsewhere) return { method, url, ...(headers ? { headers } : {}) }
  return typeof verify === 'string' ? { method: 'DELETE', url: trimmed(verify) } : undefined
}

/** Whether the path identifies the resource: it contains `{id}`, or ends in its value. */
const isOfPath = (url: string, key: Json): boolean => namesId(trimmed(url)) || endsInId(url, key)

function endsInId(url: string, key: Json): boolean {
  const end = trimmed(url).split('/').at(-1) ?? ''
  return namesId(end) || decodeSegment(end) === String(key)
}

const namesId = (part: Json): boolean => /\{(each\.)?id\}/.test(JSON.stringify(part))

/** Whether a body refers to a resource: `cart_id: 3`, `cart: 3`, `cart: { id: 3 }` for one of `carts`. */
export function refersTo(body: Json | undefined, noun: string, key: Json): boolean {
  if (namedIn(body).get(plain(noun))?.has(String(key))) return true
  return Object.entries(typeof body === 'object' && body !== null ? body : {}).some(
    ([name, value]) => sameNoun(name, noun) && String(idOf(value)) === String(key),
  )
}

/** `userId`, `user_id`, `user`, `userIds` of the top level → the type that they refer to, and its keys. */
function namedIn(body: Json | undefined): Map<string, Set<string>> {
  const named = new Map<string, Set<string>>()
  for (const [field, value] of Object.entries(
    typeof body === 'object' && body !== null && !Array.isArray(body) ? body : {},
  )) {
    const keys = [value].flat().filter((key) => typeof key === 'string' || typeof key === 'number')
    if (keys.length > 0) named.set(plain(field.replace(/_?ids?$/i, '')), new Set(keys.map(String)))
  }
  return named
}

/** Whether two names are of one type: `line_items` and `lineItem`. */
export const sameNoun = (a: string, b: string): boolean => plain(a) === plain(b)

/** The same, or one ends in the other: `blog-posts` and `posts`. */
export function alikeNouns(a: string, b: string): boolean {
  const [one, other] = [plain(a), plain(b)]
  return one.endsWith(other) || other.endsWith(one)
}

function plain(name: string): string {
  return singular(name.split('.').at(-1) ?? name)
    .toLowerCase()
    .replace(/[_-]/g, '')
}
