/** Parses the option `byPredicate`: the requests that remove resources by kind. */
import { DustpanError, isDustpanError } from '../errors/dustpan-error.ts'
import type { HttpEndpoint, HttpEndpoints } from '../resource/http-options.ts'
import type { Predicate } from '../resource/predicate.ts'
import { namesIn, type Values } from '../resource/template.ts'
import { invalidOption } from './invalid-option.ts'
import { isPlace } from './place.ts'
import { type PlainRequest, parseGet, parsePlain } from './plain-request.ts'

/** A request that removes resources of a kind. */
export interface Endpoint {
  readonly kind: string
  readonly selector: keyof HttpEndpoints
  readonly request: PlainRequest
  readonly list: string | undefined
  readonly found: string
  readonly deleted: string | undefined
  readonly preserved: string | undefined
  readonly soft: boolean
  readonly except: Readonly<Record<string, string>>
}

/** Names that each kind of request must contain, so that it never selects everything. */
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
    Object.entries(endpoints ?? {}).map(([selector, spec]) =>
      parseEndpoint(kind, selector, spec, `${path}.${kind}.${selector}`),
    ),
  )
}

function parseEndpoint(kind: string, selector: string, spec: string | HttpEndpoint, path: string): Endpoint {
  if (!isSelector(selector)) throw invalidOption(path, `one of ${Object.keys(required).join(', ')}`, selector, hint)
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
    if (names && selector !== 'reset' && !names.some((one) => required[selector].test(one)))
      throw invalidOption(
        `${path}${name}`,
        `{${selector === 'age' ? 'before' : selector === 'where' ? 'where.field' : selector}} in it, as it would match everything without it`,
        list ?? spec,
        hint,
      )
  return { kind, selector, request, list: listed, found, deleted, preserved, soft, except }
}

const hint = 'byPredicate of http() is described in docs/by-predicate.md.'

const isSelector = (name: string): name is keyof HttpEndpoints => Object.hasOwn(required, name)

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

/** The predicate's values, all of which a request has to name: a request without one would remove more. */
export function valuesFor(predicate: Predicate): ReadonlyMap<string, string | number> {
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

/** A value that a request would lose, or that would lead to another path; undefined: none. */
export function unsafeValueIn({ url }: PlainRequest, predicate: Predicate): string | undefined {
  const { where = {} } = predicate
  const field = Object.entries(where).find(([, value]) => value === '' || value === null || typeof value === 'object')
  if (field) return `where.${field[0]} = ${JSON.stringify(field[1])}`
  const [path = ''] = url.split('?')
  const dots = [...valuesFor(predicate)].find(
    ([name, value]) => /^\.{1,2}$/.test(String(value)) && namesIn(path).includes(name),
  )
  return dots && `${dots[0]} ${JSON.stringify(dots[1])}`
}

/** The kind's endpoint for a predicate; undefined: it has none for exactly these conditions. */
export function endpointFor(endpoints: readonly Endpoint[], kind: string, predicate: Predicate): Endpoint | undefined {
  const values = valuesFor(predicate)
  return endpoints.find(({ kind: endpointKind, selector, request, list }) => {
    if (endpointKind !== kind || (selector === 'reset') !== (predicate.reset === true)) return false
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
  const values = valuesFor(predicate)
  return (name) => (isMethod(name) ? (name === 'hard') === hard : values.get(name))
}
