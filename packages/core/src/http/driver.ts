/** The built-in driver for what is created over HTTP. */
import { milliseconds } from '../config/duration.ts'
import { DustpanError, invalidArgument } from '../errors/dustpan-error.ts'
import type { CreateDriver, Driver, DriverContext } from '../resource/driver.ts'
import type { HttpAuth, HttpOptions } from '../resource/http-options.ts'
import type { Json, Removal, StoreRef } from '../resource/resource.ts'
import { checkOptions } from './check-options.ts'
import { connectHttp } from './connection.ts'
import { type Credentials, credentials } from './credentials.ts'
import { isInProcess } from './in-process.ts'
import { lastStore } from './last-store.ts'
import { firstExact, type OriginMatcher, originMatcher } from './origins.ts'
import { redactUrl } from './redact.ts'
import {
  fillRequest,
  keyValues,
  parseRequest,
  type RequestTemplate,
  requestNames,
  requestRemoval,
} from './request-template.ts'
import { compileRules } from './rules.ts'
import { undiciInstrument } from './undici-instrument.ts'

const defaults = { concurrency: 32, timeout: '10s' } as const

export const createHttpDriver: CreateDriver = (name, options, ctx): Driver => {
  const checked = checkOptions(options, name)
  compileRules(checked.rules, `${name}.rules`)
  const serves = originMatcher(checked.origins, `${name}.origins`)
  const connections = checked.concurrency ?? defaults.concurrency
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
    },
    instruments: [undiciInstrument],
    serves: ({ id }) => (isInProcess(id) ? serves('http://localhost:1') : serves(id)),
    async connect(store) {
      if (!isInProcess(store.id) && !serves(store.id)) throw notServed(name, store)
      authenticated ??= credentials(authOf(name, checked, ctx))
      return connectHttp(store, {
        connections,
        timeoutMs: milliseconds(checked.timeout ?? defaults.timeout) as number,
        headers: checked.headers ?? {},
        credentials: authenticated,
      })
    },
    removal: (spec) => removalByHand(name, checked, serves, spec),
    describe: (removal, key) => describe(removal, key),
  }
}

/** A function does not travel to a worker: something else in its place says that the configuration has one. */
function authOf(name: string, { auth }: HttpOptions, { functions }: DriverContext): HttpAuth | undefined {
  if (auth === undefined || typeof auth === 'function') return auth
  return functions.driverOption(name, 'auth') as HttpAuth | undefined
}

function removalByHand(
  name: string,
  { origins }: HttpOptions,
  serves: OriginMatcher,
  spec: { readonly [key: string]: Json },
): { removal: Removal; store: StoreRef } {
  const template = parseRequest(spec.request ?? spec, 'remove')
  const unknown = requestNames(template).find((found) => keyValues(0)(found) === undefined)
  if (unknown !== undefined)
    throw invalidArgument(`remove has {${unknown}}, which nothing fills in; {id} is the only name here.`)
  const { origin, path } = splitUrl(template.url)
  const store = origin ?? firstExact(origins) ?? servedLast(serves)
  if (store === undefined) {
    throw invalidArgument(
      `remove has only a path (${path}), and no origin is known for it.`,
      'Give the full URL, or `origins` of http() in the configuration.',
    )
  }
  if (!isInProcess(store) && !serves(store))
    throw invalidArgument(`remove goes to ${store}, which is not among the origins of ${name}.`)
  return { removal: requestRemoval(name, { ...template, url: path }), store: { driver: name, id: store } }
}

/** A full URL's origin is the store, and its path the rest. */
export function splitUrl(url: string): { origin?: string; path: string } {
  const [, origin, path] = /^(https?:\/\/[^/]+)(\/.*)$/.exec(url) ?? []
  return origin === undefined || path === undefined ? { path: url } : { origin: new URL(origin).origin, path }
}

function servedLast(serves: OriginMatcher): string | undefined {
  const { id } = lastStore
  return id !== undefined && (isInProcess(id) || serves(id)) ? id : undefined
}

function describe(removal: Removal, key: Json): string {
  const { method, url } = fillRequest(removal.args as unknown as RequestTemplate, keyValues(key))
  return `${method} ${redactUrl(url)}`
}

function notServed(name: string, { id }: StoreRef): DustpanError {
  return new DustpanError('DUSTPAN_WRONG_STORE', `${id} is not among the origins of ${name}.`, {
    hint: `Add it to origins: http({ origins: [${JSON.stringify(id)}] }).`,
  })
}
