/** The built-in driver for resources created over HTTP. */
import { milliseconds } from '../config/duration.ts'
import { DustpanError, invalidArgument } from '../errors/dustpan-error.ts'
import { redact } from '../errors/redact.ts'
import { storesSeen } from '../http-capture/stores-seen.ts'
import { undiciInstrument } from '../http-capture/undici-instrument.ts'
import { type Credentials, credentials } from '../http-client/credentials.ts'
import { isClosed, isInProcess, originLike } from '../http-client/in-process.ts'
import { deletionRefused, formFor } from '../http-rules/deletion.ts'
import { emptiedByHand } from '../http-rules/empties.ts'
import { parseEndpoints } from '../http-rules/endpoints.ts'
import { firstExact, type OriginMatcher, originMatcher } from '../http-rules/origins.ts'
import { isId } from '../http-rules/place.ts'
import {
  fillRequest,
  keyValues,
  parseRequest,
  type RequestTemplate,
  requestNames,
  requestRemoval,
} from '../http-rules/request-template.ts'
import { compileRules } from '../http-rules/rules.ts'
import type { StoreSeen } from '../resource/capture.ts'
import type { CreateDriver, Driver, DriverContext } from '../resource/driver.ts'
import type { HttpAuth, HttpOptions } from '../resource/http-options.ts'
import type { Profile } from '../resource/profile.ts'
import type { Json, Removal, StoreRef } from '../resource/resource.ts'
import { checkOptions } from './check-options.ts'

const defaults = { concurrency: 32, timeout: '10s' } as const

export const createHttpDriver: CreateDriver = (name, options, ctx): Driver => {
  const checked = checkOptions(options, name)
  compileRules(checked.rules, `${name}.rules`)
  const serves = storeMatcher(originMatcher(checked.origins, `${name}.origins`))
  const endpoints = parseEndpoints(checked.byPredicate, `${name}.byPredicate`)
  const connections = checked.concurrency ?? defaults.concurrency
  const deletion = ctx.profile?.deletion ?? 'configured'
  let authenticated: Credentials | undefined
  return {
    name,
    capabilities: {
      intent: 'before',
      proof: 'key-only',
      maxBatch: 1000,
      concurrency: 1,
      atomicBatch: false,
      verify: 'extra-round-trip',
      transactions: false,
      database: false,
    },
    // Its handlers ran in the process; their data may be anywhere.
    boundTo: 'lost',
    isClosed: ({ id }) => isClosed(id),
    instruments: [undiciInstrument],
    serves: ({ id }) => serves(id),
    ownStore: () => (endpoints.length > 0 ? firstExact(checked.origins) : undefined),
    noStore: () => undefined,
    async connect(store) {
      if (!serves(store.id)) throw notServed(name, store)
      const { connectHttp } = await import('../http-removal/connection.ts')
      authenticated ??= credentials(authOf(name, checked, ctx))
      return connectHttp(store, {
        connections,
        timeoutMs: milliseconds(checked.timeout ?? defaults.timeout) as number,
        headers: configuredHeaders(checked.headers),
        credentials: authenticated,
        deletion,
        endpoints,
      })
    },
    removal: (spec, keys) => removalByHand(name, checked, serves, spec, keys),
    restores: ({ args }) => formFor(args as unknown as RequestTemplate, deletion).restore !== undefined,
    refuses: ({ args }) => deletionRefused(args as unknown as RequestTemplate, deletion, ctx.environment),
    describe: (removal, key) => describe(removal, key, deletion),
  }
}

/** The configured headers, with values from the environment. An empty one belongs to another environment: `env('INTERNAL_KEY', '')`. */
function configuredHeaders(headers: HttpOptions['headers'] = {}): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers as Record<string, string>).filter(([, value]) => value !== ''))
}

/** An in-process server is on some port of this machine. */
function storeMatcher(serves: OriginMatcher): OriginMatcher {
  return (store) => serves(isInProcess(store) ? originLike(store) : store)
}

/**
 * A function cannot be sent to a worker, which reads it from the configuration instead. A
 * configuration that cannot be loaded there is ignored.
 */
function authOf(name: string, { auth }: HttpOptions, { functions }: DriverContext): HttpAuth | undefined {
  if (auth !== undefined) return auth
  try {
    return functions.driverOption(name, 'auth') as HttpAuth | undefined
  } catch {
    return undefined
  }
}

function removalByHand(
  name: string,
  { origins }: HttpOptions,
  serves: OriginMatcher,
  spec: { readonly [key: string]: Json },
  keys: readonly Json[],
): { removal: Removal; store: StoreSeen } {
  const { removal, origin, hasNames } = parsedByHand(name, spec)
  if (hasNames) checkKeys(keys)
  checkNotAll(removal.args as unknown as RequestTemplate, keys)
  const exact = origin ?? firstExact(origins)
  const store = exact === undefined ? storesSeen.lastUsed(serves) : { id: exact }
  if (store === undefined) {
    const { method, url } = removal.args as unknown as RequestTemplate
    // Not every runner shows a hint.
    throw invalidArgument(
      `remove is ${method} ${url} without an origin, and Dustpan cannot tell which service it goes to. Give the full URL, or name the service in http({ origins }).`,
      `Write it like 'DELETE http://localhost:3000/users/{id}', or configure http({ origins: ['http://localhost:3000'] }).`,
    )
  }
  if (!serves(store.id))
    throw invalidArgument(
      `remove goes to ${store.id}, which is not among the origins of ${name}.`,
      `Add it: http({ origins: [${JSON.stringify(store.id)}] }).`,
    )
  return { removal, store }
}

interface ParsedByHand {
  readonly removal: Removal
  readonly origin: string | undefined
  readonly hasNames: boolean
}

const parsedLines = new Map<string, ParsedByHand>()

/** A line such as `DELETE /users/{id}` is parsed once, however many resources it removes. */
function parsedByHand(name: string, spec: { readonly [key: string]: Json }): ParsedByHand {
  const line =
    typeof spec.request === 'string' && Object.keys(spec).length === 1 ? `${name}\n${spec.request}` : undefined
  const known = line === undefined ? undefined : parsedLines.get(line)
  if (known) return known
  const template = parseRequest(line === undefined ? spec : spec.request, 'remove')
  const names = requestNames(template)
  checkNames(names)
  const { origin, path } = splitUrl(template.url)
  const parsed = { removal: requestRemoval(name, { ...template, url: path }), origin, hasNames: names.length > 0 }
  if (line !== undefined) parsedLines.set(line, parsed)
  return parsed
}

function checkNames(names: readonly string[]): void {
  const unknown = names.find((name) => name !== 'job' && keyValues(0)(name) === undefined)
  if (unknown !== undefined) {
    throw invalidArgument(`remove has {${unknown}}, which nothing fills in. Use {id}, or {ids} for many.`)
  }
}

/** An empty id would turn the request into one for all resources, and an id of dots into one for another resource. */
function checkKeys(keys: readonly Json[]): void {
  const invalid = keys.find((key) => !isId(key))
  if (invalid !== undefined) throw invalidArgument(`An id expected a number or a text, got ${JSON.stringify(invalid)}.`)
}

function checkNotAll(template: RequestTemplate, keys: readonly Json[]): void {
  const emptied = emptiedByHand(template, keys)
  if (emptied === undefined) return
  throw invalidArgument(
    `remove is DELETE ${redact(emptied)}, which would delete everything there: nothing in it says which resource is meant.`,
    `Write the id, or {id} for it: 'DELETE ${redact(emptied)}/{id}', or 'DELETE ${redact(emptied)}?id={id}'.`,
  )
}

/** Splits a full URL into the store's origin and the path. */
export function splitUrl(url: string): { origin?: string; path: string } {
  const [, origin, path] = /^(https?:\/\/[^/]+)(\/.*)$/.exec(url) ?? []
  return origin === undefined || path === undefined ? { path: url } : { origin: new URL(origin).origin, path }
}

function describe({ args }: Removal, key: Json, deletion: Profile['deletion']): string {
  const { method, url } = fillRequest(formFor(args as unknown as RequestTemplate, deletion), keyValues(key))
  return `${method} ${redact(url)}`
}

function notServed(name: string, { id }: StoreRef): DustpanError {
  return new DustpanError('DUSTPAN_WRONG_STORE', `${id} is not among the origins of ${name}.`, {
    hint: `Add it to origins: http({ origins: [${JSON.stringify(id)}] }).`,
  })
}
