/** Turns a removal as users write it into a removal that a driver understands, with its store. */
import { inspect } from 'node:util'
import { DustpanError, invalidArgument } from '../errors/dustpan-error.ts'
import { redact } from '../errors/redact.ts'
import type { Driver } from '../resource/driver.ts'
import type { Condition, Json, RemovalStep, StoreRef } from '../resource/resource.ts'
import { checkCondition } from '../resource/when.ts'
import { isJson } from './json.ts'
import type { Closure, Tracking } from './tracking.ts'

/**
 * - `'DELETE /users/{id}'`: a request
 * - `{ method, url, headers, body }`: a request in full
 * - `{ table: 'users', store: 'main' }`: a row, by its primary key
 * - `{ sql: 'DELETE FROM users WHERE id = $1', params: ['{id}'], store: 'main' }`: a statement
 * - `{ file: path }`, `{ folder: path }`
 * - `{ cleaner: 'stripe-customer' }`: a cleaner function from the configuration
 * Objects may have `when: { environment, outcome, env, earlier }`; if it is not met, the next step is tried.
 * - `async ({ id }) => { … }`: lost if the process dies
 */
export type RemovalSpec = string | Closure | { readonly [key: string]: Json }

export interface ResolvedRemoval {
  step: RemovalStep
  store: StoreRef
}

/** The driver for each property that identifies one; `store`, if given, takes precedence. */
const uses: Readonly<Record<string, string>> = {
  cleaner: 'cleaners',
  file: 'files',
  folder: 'files',
  url: 'http',
  request: 'http',
}

export function resolveRemoval(
  tracking: Tracking,
  spec: RemovalSpec,
  keys: readonly Json[],
  closures: Closure[],
): ResolvedRemoval {
  if (typeof spec === 'function') {
    closures.push(spec)
    const { writer } = tracking.writer
    return { step: { closure: writer }, store: { driver: 'closure', id: 'closure', bound: writer } }
  }
  if (typeof spec === 'string') return resolveLine(tracking, spec, keys)
  return resolvePlain(tracking, spec, keys)
}

const resolvedLines = new WeakMap<Tracking, Map<string, ResolvedRemoval>>()

/** A full URL always resolves to the same removal; for numeric keys, which need no checks, it is resolved once. */
function resolveLine(tracking: Tracking, line: string, keys: readonly Json[]): ResolvedRemoval {
  if (!line.includes('://') || !keys.every((key) => typeof key === 'number')) {
    return resolvePlain(tracking, { request: line }, keys)
  }
  let lines = resolvedLines.get(tracking)
  if (!lines) {
    lines = new Map()
    resolvedLines.set(tracking, lines)
  }
  const resolved = lines.get(line) ?? resolvePlain(tracking, { request: line }, keys)
  lines.set(line, resolved)
  return resolved
}

function resolvePlain(
  tracking: Tracking,
  { when, ...plain }: { readonly [key: string]: Json },
  keys: readonly Json[],
): ResolvedRemoval {
  const condition = when === undefined ? undefined : ownCondition(when)
  if (!isJson(plain)) {
    throw invalidArgument(
      `remove expected plain data that can be written to disk, got ${redact(inspect(plain))}.`,
      'Give dates and bigints as strings.',
    )
  }
  const driver = driverFor(tracking, plain)
  if (!driver.removal) throw invalidArgument(`The store ${JSON.stringify(driver.name)} takes no removals by hand.`)
  const { removal, store } = driver.removal(plain, keys)
  const bound = store.inProcess ? { bound: tracking.writer.writer } : {}
  const step = condition === undefined ? removal : { ...removal, when: condition }
  return { step, store: { driver: driver.name, id: store.id, ...bound } }
}

/** Rejects `answer`: here the response that created the resource is unknown. */
function ownCondition(when: Json): Condition {
  const condition = checkCondition(when, 'remove.when')
  if (condition.answer === undefined) return condition
  throw invalidArgument(
    'remove.when has answer, which only rules of http() support.',
    'The test has the response: call track() only where the condition holds.',
  )
}

function driverFor(tracking: Tracking, spec: { readonly [key: string]: Json }): Driver {
  const { settings, drivers } = tracking
  if (spec.store !== undefined) {
    const driver = drivers.get(String(spec.store))
    if (driver) return driver
    throw unknown(`store ${JSON.stringify(spec.store)}`, [...drivers.keys()])
  }
  const property = Object.keys(spec).find((name) => Object.hasOwn(uses, name))
  const candidates = settings.drivers.filter(({ use }) =>
    property === undefined ? !builtIn.has(use) : use === uses[property],
  )
  const [first, second] = candidates
  if (first && !second) return drivers.get(first.name) as Driver
  if (!first) throw unknown(`a driver for ${JSON.stringify(spec)}`, [...drivers.keys()])
  if (property !== undefined)
    return drivers.get((candidates.find(({ name }) => isMeant(drivers.get(name), spec)) ?? first).name) as Driver
  throw invalidArgument(
    `${JSON.stringify(spec)} could mean ${candidates.map(({ name }) => name).join(' or ')}.`,
    `Say which: { …, store: ${JSON.stringify(first.name)} }.`,
  )
}

/** Of several HTTP instances, the one that serves the origin of a full URL. */
function isMeant(driver: Driver | undefined, spec: { readonly [key: string]: Json }): boolean {
  const url = /https?:\/\/[^/\s]+/.exec(String(spec.url ?? spec.request ?? ''))?.[0]
  return url !== undefined && (driver?.serves?.({ id: new URL(url).origin }) ?? false)
}

const builtIn = new Set(['http', 'files', 'cleaners'])

function unknown(what: string, known: readonly string[]): DustpanError {
  return new DustpanError('DUSTPAN_UNKNOWN_DRIVER', `The configuration has no ${what}; it has ${known.join(', ')}.`, {
    hint: 'Add the driver to `drivers` in the configuration, or correct the name.',
  })
}
