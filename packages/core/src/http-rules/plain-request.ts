/** A request as written in rules and in `track()`, with placeholders. */
import { invalidArgument } from '../errors/dustpan-error.ts'
import type { Json } from '../resource/resource.ts'
import { fillText, fillUrl, type Values } from '../resource/template.ts'
import { credentialInBody, credentialInUrl } from './credential-in-url.ts'
import { fillBody } from './graphql-body.ts'

/** Plain data without credentials. `url` is a path in the store, or a full URL. */
export interface PlainRequest {
  readonly method: string
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Json
}

/**
 * Parses `'DELETE /users/{id}'`, or the parts of a request, whose method and URL may be given as `request`.
 * @throws TypeError `DUSTPAN_INVALID_ARGUMENT`
 */
export function parsePlain(spec: unknown, what: string): PlainRequest {
  if (typeof spec === 'string') return parseLine(spec, what)
  const { request, method = 'DELETE', url, headers, body } = (spec ?? {}) as { [part: string]: Json }
  if (request === undefined && (typeof url !== 'string' || typeof method !== 'string')) {
    throw invalidArgument(
      `${what} expected 'DELETE /path/{id}' or { method, url, headers, body }, got ${JSON.stringify(spec)}.`,
    )
  }
  return {
    ...parseLine(typeof request === 'string' ? request : `${String(method).toUpperCase()} ${String(url)}`, what),
    ...(headers === undefined ? {} : { headers: checkHeaders(headers, what) }),
    ...(body === undefined ? {} : { body: checkBody(body, what) }),
  }
}

/** A parameter as in routers (`/users/:id`): here it would be sent literally. */
export function colonName(url: string): string | undefined {
  return /\/:([a-z_]\w*)/i.exec(url)?.[1]
}

/** Parses a GET request and returns its path. @throws TypeError */
export function parseGet(spec: unknown, what: string, otherwise = ''): string {
  const path = typeof spec === 'string' ? /^GET\s+(\/\S*)$/.exec(spec.trim())?.[1] : undefined
  if (path !== undefined) return checkUrl(path, what)
  throw invalidArgument(
    `${what} expected a request like 'GET /users/{id}'${otherwise}, got ${JSON.stringify(spec) ?? 'nothing'}.`,
  )
}

/** Fills in known values; other placeholders are kept. */
export function fillPlain<Request extends PlainRequest>(request: Request, values: Values): Request {
  const { url, headers, body } = request
  return {
    ...request,
    url: fillUrl(withList(url, values), values),
    ...(headers === undefined ? {} : { headers: mapValues(headers, (text) => fillText(text, values)) }),
    ...(body === undefined ? {} : { body: fillBody(body, values) }),
  }
}

/** `?ids={ids}` → `?ids=1,2,3` */
function withList(url: string, values: Values): string {
  if (!url.includes('{ids}')) return url
  const ids = values('ids')
  return Array.isArray(ids)
    ? url.replaceAll('{ids}', () => ids.map((id: Json) => fillUrl('{id}', () => id)).join())
    : url
}

/** Whether a header carries credentials. */
export function isCredential(header: string): boolean {
  return /(^|-)auth(orization|entication)?($|-)|token|cookie|session|secret|passw|apikey|(?<!idempotency)-key$/i.test(
    header,
  )
}

function parseLine(line: string, what: string): PlainRequest {
  const [, method, url] = /^([A-Z]+)\s+((?:https?:\/\/[^\s/]+)?\/\S*)$/.exec(line.trim()) ?? []
  if (method !== undefined && url !== undefined) return { method, url: checkUrl(url, what) }
  throw invalidArgument(
    `${what} expected a method and a path, got ${JSON.stringify(line)}.`,
    "Write it like 'DELETE /users/{id}', or with a full URL: 'DELETE http://localhost:3000/users/{id}'.",
  )
}

function checkUrl(url: string, what: string): string {
  const credential = credentialInUrl(url)
  if (credential !== undefined) throw credentialError(what, `${credential} in its URL`)
  const parameter = colonName(url)
  if (parameter === undefined) return url
  throw invalidArgument(
    `${what} has :${parameter} in its path, which nothing fills in.`,
    `Names stand in braces here: write {${parameter}}.`,
  )
}

function checkHeaders(headers: Json, what: string): Readonly<Record<string, string>> {
  const entries = Object.entries(headers as object)
  const secret = entries.find(([name]) => isCredential(name))
  if (secret) throw credentialError(what, `the header ${secret[0]}`)
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]))
}

function checkBody(body: Json, what: string): Json {
  const secret = credentialInBody(body)
  if (secret !== undefined) throw credentialError(what, `${secret} in its body`)
  return body
}

function credentialError(what: string, credential: string): TypeError {
  return invalidArgument(
    `${what} has ${credential}, which authenticates; removals are written to disk.`,
    'Give credentials by the `auth` option of http() in the configuration, or remove it with a cleaner.',
  )
}

function mapValues<T>(record: Readonly<Record<string, T>>, map: (value: T) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]))
}
