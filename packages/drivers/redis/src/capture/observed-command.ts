/** A command that is being sent: the keys it may create and, from its reply, the keys it did create. */
import { clock } from '@dustpan/core/driver'
import type { Arg } from '../keys.ts'
import type { Args, Rule } from '../rule.ts'

/** Lookup of all keys in the database. */
export const everyKey: unique symbol = Symbol('every key')

/** Lookup of a key's time to live. */
export interface TtlLookup {
  readonly ttlOf: Arg
}

/** A lookup ahead of a command: of a key's existence, of all keys, or of a time to live. */
export type Lookup = Arg | typeof everyKey | TtlLookup

export const isTtlLookup = (lookup: Lookup): lookup is TtlLookup => typeof lookup === 'object' && 'ttlOf' in lookup

export interface Observed {
  readonly name: string
  readonly rule: Rule
  readonly args: Args
  /** Keys that it may create. */
  readonly keys: readonly Arg[]
  /** Lookups to send ahead of it. */
  readonly lookups: readonly Lookup[]
  /** Keys to check after it. */
  readonly followUps: readonly Arg[]
  /** Its place in the order of all commands that were sent. */
  readonly at: number
  /** When it was sent, in milliseconds since the epoch: a time to live counted from here ends no later than on the server. */
  readonly time: number
}

/** A key that a command created. */
export interface Creation {
  readonly key: Arg
  readonly type: string | undefined
  readonly database: number | undefined
  /** Milliseconds since the epoch. */
  readonly expires: number | undefined
  /** The place of its command in the order of all commands that were sent. */
  readonly at: number
}

export interface Effect {
  readonly created: readonly Creation[]
  readonly gone: readonly Arg[]
  /** Keys that certainly existed before the command. */
  readonly there: readonly Arg[]
  readonly wrote: boolean
  /** When the copied key expires, in milliseconds since the epoch; `Infinity`: never. */
  readonly until?: number
  /** The command deleted keys that could not be listed. */
  readonly unseen?: true
  /** Why a lookup has no result, so that it is unknown whether a key was created. */
  readonly unknown: Unanswered | undefined
}

/** Why a lookup has no result: the server refused it, it was not sent, or its reply was lost. */
export type Unanswered = 'denied' | 'unasked' | 'lost'

/**
 * The result of a lookup: whether the key existed before the command, which keys existed, or the milliseconds left
 * (PTTL). Undefined: no reply has come.
 */
export type Existed = (lookup: Lookup, index: number) => boolean | number | readonly Arg[] | Unanswered | undefined

let sentCount = 0

export function observe(name: string, rule: Rule, args: Args): Observed {
  const keys = rule.creates ? at(args, rule.creates(args)) : none
  const followUps = rule.checksAfter ? at(args, rule.checksAfter(args)) : none
  return { name, rule, args, keys, lookups: lookupsOf(rule, args, keys), followUps, at: nextPlace(), time: clock.now() }
}

/** The place after all commands that were sent. */
export const nextPlace = (): number => ++sentCount

const none: readonly never[] = []

function lookupsOf(rule: Rule, args: Args, keys: readonly Arg[]): readonly Lookup[] {
  if (rule.empties === 'database' || rule.empties === 'all') return [everyKey]
  const source = rule.copies === undefined ? undefined : args[rule.copies]
  if (source !== undefined) return [...(rule.provesNew ? none : keys), { ttlOf: source }]
  return rule.checksBefore ? at(args, rule.checksBefore(args)) : rule.provesNew ? none : keys
}

const at = (args: Args, places: readonly number[]): readonly Arg[] => places.flatMap((place) => args[place] ?? [])

export function effectOf(observed: Observed, reply: unknown, existed: Existed): Effect {
  const { rule, args, keys, lookups } = observed
  const gone = rule.deletes ? at(args, rule.deletes(args, reply)) : none
  const shown = rule.there ? at(args, rule.there(args, reply)) : none
  const wrote = rule.wrote?.(reply) ?? true
  if (rule.copies !== undefined) return copyEffect(observed, reply, wrote, shown, existed)
  if (rule.provesNew) {
    const created = wrote && rule.provesNew(reply, args) ? keys.map(creationBy(observed)) : none
    return { created, gone, there: shown, wrote, unknown: undefined }
  }
  if (rule.empties) return emptyingEffect(existed)
  if (lookups.length === 0) return { created: none, gone, there: shown, wrote, unknown: undefined }
  const before = lookups.map(existed)
  const there = lookups.filter((key, index): key is Arg => before[index] === true && isKey(key))
  const fresh = wrote ? keys.filter((_, index) => before[index] === false) : none
  return {
    created: fresh.length === 0 ? none : fresh.map(creationBy(observed)),
    gone,
    there: shown.length === 0 ? there : [...shown, ...there],
    wrote,
    unknown: wrote ? unansweredIn(before) : undefined,
  }
}

/** A copy whose source's time to live could not be looked up counts as unknown. */
function copyEffect(
  observed: Observed,
  reply: unknown,
  wrote: boolean,
  source: readonly Arg[],
  existed: Existed,
): Effect {
  const { rule, args, keys, lookups, time } = observed
  const before = lookups.map(existed)
  const left = before.at(-1)
  const until = typeof left === 'number' ? (left < 0 ? Number.POSITIVE_INFINITY : time + left) : undefined
  const unknown = wrote ? unansweredIn(before) : undefined
  const isNew = wrote && unknown === undefined && (rule.provesNew ? rule.provesNew(reply, args) : before[0] === false)
  const there = rule.provesNew || before[0] !== true ? source : [...source, ...keys]
  const created = isNew ? keys.map(creationBy(observed)) : none
  return { created, gone: none, there, wrote, unknown, ...(until === undefined ? {} : { until }) }
}

const isKey = (lookup: Lookup): lookup is Arg => lookup !== everyKey && !isTtlLookup(lookup)

/** Deleted keys are struck off together, not key by key. */
function emptyingEffect(existed: Existed): Effect {
  const keys = existed(everyKey, 0)
  const rest = { created: none, gone: none, wrote: true, unknown: undefined }
  return Array.isArray(keys) ? { ...rest, there: keys } : { ...rest, there: none, unseen: true }
}

function unansweredIn(before: readonly ReturnType<Existed>[]): Unanswered | undefined {
  const all = before.filter((one) => typeof one === 'string' || one === undefined)
  return all.length === 0 ? undefined : (all.find((one) => one === 'denied' || one === 'unasked') ?? 'lost')
}

function creationBy({ rule, args, at, time }: Observed): (key: Arg) => Creation {
  const expires = rule.expires?.(args, time)
  const database = rule.database?.(args)
  return (key) => ({ key, type: rule.type, database, expires, at })
}
