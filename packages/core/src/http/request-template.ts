/** A removal over HTTP as it is written in rules and by `track()`, and as it stands in the ledger. */
import { invalidArgument } from '../errors/dustpan-error.ts'
import type { Json, Removal } from '../resource/resource.ts'
import { fillJson, fillText, fillUrl, namesIn, type Values } from '../resource/template.ts'
import { credentialInUrl } from './credential-in-url.ts'

/** Arguments of the operation `request`: plain data without credentials. `url` is a path in the store, or a full URL. */
export interface RequestTemplate {
  readonly method: string
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Json
  /** The path whose 404 or 410 proves the removal; `false`: none does. */
  readonly verify?: string | false
  /** What the answer to `verify` shows once a soft delete is done. */
  readonly gone?: string
}

export function requestRemoval(driver: string, template: RequestTemplate): Removal {
  return { driver, op: 'request', v: 1, args: template as unknown as Json }
}

/** `'DELETE /users/{id}'`, or the parts of a request. @throws TypeError `DUSTPAN_INVALID_ARGUMENT` */
export function parseRequest(spec: unknown, what: string): RequestTemplate {
  if (typeof spec === 'string') return parseLine(spec, what)
  const { method = 'DELETE', url, headers, body } = (spec ?? {}) as { [part: string]: Json }
  if (typeof url !== 'string' || typeof method !== 'string') {
    throw invalidArgument(
      `${what} expected 'DELETE /path/{id}' or { method, url, headers, body }, got ${JSON.stringify(spec)}.`,
    )
  }
  return {
    ...parseLine(`${method.toUpperCase()} ${url}`, what),
    ...(headers === undefined ? {} : { headers: checkHeaders(headers, what) }),
    ...(body === undefined ? {} : { body }),
  }
}

/** How it is seen that the removal worked: a GET request's path, or `false`; and what its answer shows. @throws TypeError */
export function parseLook(
  spec: { verify?: unknown; gone?: unknown },
  what: string,
): Pick<RequestTemplate, 'verify' | 'gone'> {
  const { gone } = spec
  const verify = parseVerify(spec.verify, what)
  if (gone !== undefined && (typeof gone !== 'string' || !/^body\.[^\s=]+(\s*=.*)?$/.test(gone))) {
    throw invalidArgument(`${what}.gone expected 'body.field' or 'body.field = value', got ${JSON.stringify(gone)}.`)
  }
  return { ...(verify === undefined ? {} : { verify }), ...(gone === undefined ? {} : { gone }) }
}

function parseVerify(verify: unknown, what: string): string | false | undefined {
  if (verify === undefined || verify === false) return verify
  const path = typeof verify === 'string' ? /^GET\s+(\/\S*)$/.exec(verify.trim())?.[1] : undefined
  if (path !== undefined) return checkUrl(path, `${what}.verify`)
  throw invalidArgument(
    `${what}.verify expected a request like 'GET /users/{id}', or false, got ${JSON.stringify(verify)}.`,
  )
}

/** Fills in what is known; other names stay for later. */
export function fillRequest(template: RequestTemplate, values: Values): RequestTemplate {
  const { url, headers, body, verify } = template
  return {
    ...template,
    url: fillUrl(url, values),
    ...(headers === undefined ? {} : { headers: mapValues(headers, (text) => fillText(text, values)) }),
    ...(body === undefined ? {} : { body: fillJson(body, values) }),
    ...(typeof verify === 'string' ? { verify: fillUrl(verify, values) } : {}),
  }
}

/** The names that stand in any part of it. */
export function requestNames({ url, headers, body, verify }: RequestTemplate): string[] {
  return namesIn([url, headers ?? null, body ?? null, verify || null])
}

/** `{id}`, and `{each.id}` for those who think of a list. */
export function keyValues(key: Json): Values {
  return (name) => (name === 'id' || name === 'each.id' ? key : undefined)
}

/** Whether a header is there to authenticate. */
export function isCredential(header: string): boolean {
  return /(^|-)auth(orization|entication)?($|-)|token|cookie|session|secret|passw|apikey|(?<!idempotency)-key$/i.test(
    header,
  )
}

function parseLine(line: string, what: string): RequestTemplate {
  const [, method, url] = /^([A-Z]+)\s+((?:https?:\/\/[^\s/]+)?\/\S*)$/.exec(line.trim()) ?? []
  if (method !== undefined && url !== undefined) return { method, url: checkUrl(url, what) }
  throw invalidArgument(
    `${what} expected a method and a path, got ${JSON.stringify(line)}.`,
    "Write it like 'DELETE /users/{id}', or with a full URL: 'DELETE http://localhost:3000/users/{id}'.",
  )
}

function checkUrl(url: string, what: string): string {
  const credential = credentialInUrl(url)
  if (credential !== undefined) throw authenticates(what, `${credential} in its URL`)
  return url
}

function checkHeaders(headers: Json, what: string): Readonly<Record<string, string>> {
  const entries = Object.entries(headers as object)
  const secret = entries.find(([name]) => isCredential(name))
  if (secret) throw authenticates(what, `the header ${secret[0]}`)
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]))
}

function authenticates(what: string, credential: string): TypeError {
  return invalidArgument(
    `${what} has ${credential}, which authenticates; removals are written to disk.`,
    'Give credentials by the `auth` option of http() in the configuration, or remove it with a cleaner.',
  )
}

function mapValues<T>(record: Readonly<Record<string, T>>, map: (value: T) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]))
}
