/** Reads a predicate from a user's options. */
import { milliseconds } from '../config/duration.ts'
import { invalidArgument } from '../errors/dustpan-error.ts'
import { defaultTag, type Predicate } from '../resource/predicate.ts'
import type { Json } from '../resource/resource.ts'

/** Selects what to remove: all given conditions must hold. */
export interface WhatToRemove {
  /** Kinds, as named in the drivers' options: tables, endpoints. @default all that support the predicate */
  types?: string | readonly string[]
  /** Kinds that are left out. */
  except?: string | readonly string[]
  /** Created in this run, according to the resources' own metadata. */
  run?: string
  /** `true` stands for `test-data`. */
  tag?: string | true
  /** The owner, who is kept. */
  owner?: string | number
  /** Created longer ago than this: `'7d'`, `'24h'`, or milliseconds. */
  olderThan?: string | number
  /** Created before this time. */
  createdBefore?: Date | string | number
  /** Created after this time. */
  createdAfter?: Date | string | number
  /** Fields and their values; in a string `%` matches any text: `{ email: 'test-%' }`. */
  where?: { readonly [field: string]: Json }
  /** Everything of these kinds, or of all kinds: for environments of your own. */
  reset?: boolean
}

/** @throws TypeError `DUSTPAN_INVALID_ARGUMENT` for a predicate that matches nothing or everything. */
export function readPredicate(what: WhatToRemove, now: number): Predicate {
  checkDefined(what)
  const { run, owner, where } = what
  const tag = what.tag === true ? defaultTag : what.tag
  const before = earliest(ageLimit(what.olderThan, now), pointInTime(what.createdBefore, 'createdBefore', now))
  const after = pointInTime(what.createdAfter, 'createdAfter', now)
  const parts = { run, tag, owner, before, after, where: where && Object.keys(where).length > 0 ? where : undefined }
  checkTexts({ run, tag, owner })
  checkPatterns(where ?? {})
  const given = Object.entries(parts).filter(([, value]) => value !== undefined)
  if (what.reset) checkReset(given)
  else if (given.length === 0) throw noConditions()
  else checkNotEmpty(parts)
  return {
    ...Object.fromEntries(given),
    ...(what.types === undefined ? {} : { types: names(what.types, 'types') }),
    ...(what.except === undefined ? {} : { except: names(what.except, 'except') }),
    ...(what.reset ? { reset: true } : {}),
  }
}

/** An unset variable would drop a condition, so that more is removed. */
function checkDefined(what: WhatToRemove): void {
  const parts = {
    ...what,
    ...Object.fromEntries(Object.entries(what.where ?? {}).map(([field, of]) => [`where.${field}`, of])),
  }
  const missing = Object.entries(parts).find(([name, value]) => value === undefined && !optional.has(name))
  if (missing)
    throw invalidArgument(
      `${missing[0]} is undefined: without it more would be removed.`,
      'Omit it if that is intended.',
    )
}

const optional: ReadonlySet<string> = new Set(['reset', 'limit', 'deletion'])

interface Narrowing {
  readonly run?: unknown
  readonly tag?: unknown
  readonly owner?: unknown
  readonly where?: WhatToRemove['where'] | undefined
}

/** Rows without a value mostly belong to other people. */
function checkNotEmpty({ run, tag, owner, where = {} }: Narrowing): void {
  const values = [run ?? null, tag ?? null, owner ?? null, ...Object.values(where)]
  if (Object.keys(where).length === 0 || values.some((value) => value !== null)) return
  throw invalidArgument(
    `where.${Object.keys(where)[0]} without a value and no other condition matches too much: an empty variable looks the same.`,
    'Add a condition that only test data meets: tag, owner, run, or a field with a value.',
  )
}

const earliest = (...times: (number | undefined)[]): number | undefined => {
  const given = times.filter((time) => time !== undefined)
  return given.length === 0 ? undefined : Math.min(...given)
}

function ageLimit(olderThan: string | number | undefined, now: number): number | undefined {
  if (olderThan === undefined) return undefined
  const age = milliseconds(olderThan)
  if (age !== undefined && age > 0) return now - age
  throw invalidArgument(`olderThan expected an age such as '7d' or '24h', got ${JSON.stringify(olderThan)}.`)
}

function pointInTime(given: Date | string | number | undefined, name: string, now: number): number | undefined {
  if (given === undefined) return undefined
  const time = isTime(given) ? new Date(given).getTime() : Number.NaN
  if (time > 0 && time <= now) return time
  const found = given instanceof Date || !Number.isNaN(time) ? String(given) : JSON.stringify(given)
  throw invalidArgument(`${name} expected a time in the past, got ${found}.`)
}

/** Rejects seconds since the epoch, and a short number as a string, which would be a year in the past: both would match everything. */
function isTime(given: Date | string | number): boolean {
  return typeof given === 'number' ? given > 100_000_000_000 : !/^\d{0,3}$/.test(String(given).trim())
}

/** An empty value would be dropped from a URL or a statement, which then selects everything. */
function checkTexts(values: { readonly [name: string]: unknown }): void {
  for (const [name, value] of Object.entries(values)) {
    const isNumber = name === 'owner' && typeof value === 'number' && Number.isFinite(value)
    if (value === undefined || isNumber || (typeof value === 'string' && value.trim() !== '')) continue
    throw invalidArgument(`${name} expected ${name === 'owner' ? 'an id' : 'a text'}, got ${JSON.stringify(value)}.`)
  }
}

function checkPatterns(where: { readonly [field: string]: Json }): void {
  const everything = Object.entries(where).find(([, value]) => typeof value === 'string' && /^\s*%[%\s]*$/.test(value))
  if (everything === undefined) return
  throw invalidArgument(
    `where.${everything[0]} is ${JSON.stringify(everything[1])}, which matches everything.`,
    'Use a pattern that only test data matches: test-%, %@example.com.',
  )
}

function checkReset(given: readonly (readonly [string, unknown])[]): void {
  const [narrower] = given
  if (narrower === undefined) return
  throw invalidArgument(
    `reset removes everything of a kind, but ${narrower[0]} narrows it.`,
    'Omit one of them; types and except select the kinds to reset.',
  )
}

function noConditions(): TypeError {
  return invalidArgument(
    'Nothing limits the removal: without run, tag, owner, an age or where, it would remove everything.',
    'Give one of them, or use `reset` to remove everything.',
  )
}

function names(given: string | readonly string[], option: string): readonly string[] {
  const list = typeof given === 'string' ? [given] : given
  if (list.length > 0 && list.every((name) => typeof name === 'string' && name !== '')) return list
  throw invalidArgument(`${option} expected the names of kinds, got ${JSON.stringify(given)}.`)
}
