/** The option `byPredicate`: which request removes what of each kind. */
import { DustpanError, isDustpanError } from '../errors/dustpan-error.ts'
import type { HttpEndpoint, HttpEndpoints } from '../resource/http-options.ts'
import type { Predicate } from '../resource/predicate.ts'
import { namesIn, type Values } from '../resource/template.ts'
import { invalidOption } from './invalid-option.ts'
import { isPlace } from './place.ts'
import { type PlainRequest, parseGet, parsePlain } from './plain-request.ts'

/** One request that removes things of a kind. */
export interface Endpoint {
  readonly kind: string
  readonly asks: keyof HttpEndpoints
  readonly request: PlainRequest
  readonly list: string | undefined
  readonly found: string
  readonly deleted: string | undefined
  readonly preserved: string | undefined
  readonly soft: boolean
  readonly except: Readonly<Record<string, string>>
}

/** What each kind of request must name, so that it never asks for everything. */
const required: Readonly<Record<keyof HttpEndpoints, RegExp>> = {
  run: /^run$/,
  tag: /^tag$/,
  owner: /^owner$/,
  age: /^(before|after)$/,
  where: /^where\../,
  reset: /^/,
}

/** @throws DustpanError `DUSTPAN_CONFIG_INVALID` */
export function parseEndpoints(
  kinds: Readonly<Record<string, HttpEndpoints>> | undefined = {},
  path: string,
): readonly Endpoint[] {
  return Object.entries(kinds).flatMap(([kind, endpoints]) =>
    Object.entries(endpoints ?? {}).map(([asks, spec]) => parseEndpoint(kind, asks, spec, `${path}.${kind}.${asks}`)),
  )
}

function parseEndpoint(kind: string, asks: string, spec: string | HttpEndpoint, path: string): Endpoint {
  if (!isAsked(asks)) throw invalidOption(path, `one of ${Object.keys(required).join(', ')}`, asks, hint)
  const parts: Partial<HttpEndpoint> = typeof spec === 'string' ? {} : spec
  const { list, found = 'body', deleted, preserved, soft = false, except = {} } = parts
  for (const [name, place] of Object.entries({ found, deleted, preserved }))
    if (place !== undefined && !isPlace(place, ['body']))
      throw invalidOption(`${path}.${name}`, "a place in the answer such as 'body.total'", place, hint)
  const request = asOption(path, () => parsePlain(spec, path))
  const listed = list === undefined ? undefined : asOption(path, () => parseGet(list, `${path}.list`))
  for (const [name, names] of [
    ['', namesOf(request)],
    ['.list', listed === undefined ? undefined : namesIn(listed)],
  ] as const)
    if (names && asks !== 'reset' && !names.some((one) => required[asks].test(one)))
      throw invalidOption(
        `${path}${name}`,
        `{${asks === 'age' ? 'before' : asks === 'where' ? 'where.field' : asks}} in it, as it would match everything without it`,
        list ?? spec,
        hint,
      )
  return { kind, asks, request, list: listed, found, deleted, preserved, soft, except }
}

const hint = 'byPredicate of http() is described in docs/by-predicate.md.'

const isAsked = (name: string): name is keyof HttpEndpoints => Object.hasOwn(required, name)

function asOption<T>(path: string, parse: () => T): T {
  try {
    return parse()
  } catch (cause) {
    if (!isDustpanError(cause)) throw cause
    throw new DustpanError('DUSTPAN_CONFIG_INVALID', `${path}: ${cause.message}`, { hint })
  }
}

export function namesOf({ url, headers, body }: PlainRequest): readonly string[] {
  return namesIn([url, headers ?? null, body ?? null])
}

/** What a predicate gives that a request has to name, all of it: a request that leaves something out would take more. */
export function given(predicate: Predicate): ReadonlyMap<string, string | number> {
  const { run, tag, owner, before, after, where = {} } = predicate
  const times = { before, after }
  const values = new Map<string, string | number>()
  for (const [name, value] of Object.entries({ run, tag, owner })) if (value !== undefined) values.set(name, value)
  for (const [name, value] of Object.entries(times))
    if (value !== undefined) values.set(name, new Date(value).toISOString())
  for (const [field, value] of Object.entries(where))
    values.set(`where.${field}`, typeof value === 'number' ? value : String(value))
  return values
}

/** The value that a request would lose, or that would mean another path; undefined: none. */
export function unclearIn({ url }: PlainRequest, predicate: Predicate): string | undefined {
  const { where = {} } = predicate
  const field = Object.entries(where).find(([, value]) => value === '' || value === null || typeof value === 'object')
  if (field) return `where.${field[0]} = ${JSON.stringify(field[1])}`
  const [path = ''] = url.split('?')
  const dots = [...given(predicate)].find(
    ([name, value]) => /^\.{1,2}$/.test(String(value)) && namesIn(path).includes(name),
  )
  return dots && `${dots[0]} ${JSON.stringify(dots[1])}`
}

/** The kind's endpoint for a predicate; undefined: it has none that asks for just that. */
export function endpointFor(endpoints: readonly Endpoint[], kind: string, predicate: Predicate): Endpoint | undefined {
  const values = given(predicate)
  return endpoints.find(({ kind: its, asks, request, list }) => {
    if (its !== kind || (asks === 'reset') !== (predicate.reset === true)) return false
    const names = [namesOf(request), ...(list === undefined ? [] : [namesIn(list)])]
    return names.every(
      (used) =>
        [...values.keys()].every((name) => used.includes(name)) &&
        used.every((name) => values.has(name) || isMethod(name)),
    )
  })
}

const isMethod = (name: string): boolean => name === 'hard' || name === 'soft'

export function valuesOf(predicate: Predicate, hard: boolean): Values {
  const values = given(predicate)
  return (name) => (isMethod(name) ? (name === 'hard') === hard : values.get(name))
}
