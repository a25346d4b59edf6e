/** How a user says that something is removed → a removal that a driver understands, and the store it is in. */
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
 * - `{ cleaner: 'stripe-customer' }`: a function of the configuration
 * Objects may have `when: { environment, outcome, env, earlier }`: else the next step is taken.
 * - `async ({ id }) => { … }`: lost when the process dies
 */
export type RemovalSpec = string | Closure | { readonly [key: string]: Json }

export interface ResolvedRemoval {
  step: RemovalStep
  store: StoreRef
}

/** Which driver a removal belongs to, by the property that tells; `store` always decides when it is given. */
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

/** A full URL means the same each time: for numbers, which need no look, it is worked out once. */
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

/** No answer is known here that created the thing. */
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
  const tell = Object.keys(spec).find((name) => Object.hasOwn(uses, name))
  const candidates = settings.drivers.filter(({ use }) => (tell === undefined ? !builtIn.has(use) : use === uses[tell]))
  const [first, second] = candidates
  if (first && !second) return drivers.get(first.name) as Driver
  if (!first) throw unknown(`a driver for ${JSON.stringify(spec)}`, [...drivers.keys()])
  if (tell !== undefined)
    return drivers.get((candidates.find(({ name }) => isMeant(drivers.get(name), spec)) ?? first).name) as Driver
  throw invalidArgument(
    `${JSON.stringify(spec)} could mean ${candidates.map(({ name }) => name).join(' or ')}.`,
    `Say which: { …, store: ${JSON.stringify(first.name)} }.`,
  )
}

/** Of several HTTP instances, the one whose origin a full URL has. */
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
