/** One command on its way: what may come of it, and, once it is answered, what did. */
import { clock } from '@dustpan/core/driver'
import type { Arg } from '../keys.ts'
import type { Args, Rule } from '../rule.ts'

/** In place of a key: all that the database has. */
export const everyKey: unique symbol = Symbol('every key')

/** In place of a key: when it goes by itself. */
export interface TimeOf {
  readonly timeOf: Arg
}

/** What is asked about ahead of a command. */
export type Asked = Arg | typeof everyKey | TimeOf

export const isTimeOf = (asked: Asked): asked is TimeOf => typeof asked === 'object' && 'timeOf' in asked

export interface Observed {
  readonly name: string
  readonly rule: Rule
  readonly args: Args
  /** Keys that it may create. */
  readonly keys: readonly Arg[]
  /** Of what is to be asked ahead whether it is there. */
  readonly asked: readonly Asked[]
  /** Of what is to be asked behind it. */
  readonly askedAfter: readonly Arg[]
  /** Its place among all that were sent. */
  readonly at: number
  /** When it was sent, in milliseconds since the epoch: a time to live that begins then is over no later than on the server. */
  readonly time: number
}

/** A key that a command created. */
export interface Creation {
  readonly key: Arg
  readonly type: string | undefined
  readonly database: number | undefined
  /** Milliseconds since the epoch. */
  readonly expires: number | undefined
  /** Its command's place among all that were sent. */
  readonly at: number
}

export interface Effect {
  readonly created: readonly Creation[]
  readonly gone: readonly Arg[]
  /** Certainly there before the command. */
  readonly there: readonly Arg[]
  readonly wrote: boolean
  /** When what was copied goes by itself, in milliseconds since the epoch; `Infinity`: never. */
  readonly until?: number
  /** What was emptied has had keys that nobody has seen. */
  readonly unseen?: true
  /** An EXISTS was not answered, so that nobody knows whether something was created. */
  readonly unknown: Unanswered | undefined
}

/** Why an EXISTS was not answered: the server refused it, it was not sent, or its answer was lost. */
export type Unanswered = 'denied' | 'unasked' | 'lost'

/** Whether something was under a key before the command, which keys there were, or how many milliseconds are left to it (PTTL); undefined: its answer never came. */
export type Existed = (asked: Asked, index: number) => boolean | number | readonly Arg[] | Unanswered | undefined

let sent = 0

export function observe(name: string, rule: Rule, args: Args): Observed {
  const keys = rule.creates ? at(args, rule.creates(args)) : none
  const askedAfter = rule.asksAfter ? at(args, rule.asksAfter(args)) : none
  return { name, rule, args, keys, asked: askedOf(rule, args, keys), askedAfter, at: placeNow(), time: clock.now() }
}

/** Behind all that were sent. */
export const placeNow = (): number => ++sent

const none: readonly never[] = []

function askedOf(rule: Rule, args: Args, keys: readonly Arg[]): readonly Asked[] {
  if (rule.empties === 'database' || rule.empties === 'all') return [everyKey]
  const source = rule.copies === undefined ? undefined : args[rule.copies]
  if (source !== undefined) return [...(rule.told ? none : keys), { timeOf: source }]
  return rule.asks ? at(args, rule.asks(args)) : rule.told ? none : keys
}

const at = (args: Args, places: readonly number[]): readonly Arg[] => places.flatMap((place) => args[place] ?? [])

export function effectOf(observed: Observed, reply: unknown, existed: Existed): Effect {
  const { rule, args, keys, asked } = observed
  const gone = rule.deletes ? at(args, rule.deletes(args, reply)) : none
  const shown = rule.there ? at(args, rule.there(args, reply)) : none
  const wrote = rule.wrote?.(reply) ?? true
  if (rule.copies !== undefined) return copying(observed, reply, wrote, shown, existed)
  if (rule.told) {
    const created = wrote && rule.told(reply, args) ? keys.map(creationBy(observed)) : none
    return { created, gone, there: shown, wrote, unknown: undefined }
  }
  if (rule.empties) return emptying(existed)
  if (asked.length === 0) return { created: none, gone, there: shown, wrote, unknown: undefined }
  const before = asked.map(existed)
  const there = asked.filter((key, index): key is Arg => before[index] === true && isKey(key))
  const fresh = wrote ? keys.filter((_, index) => before[index] === false) : none
  return {
    created: fresh.length === 0 ? none : fresh.map(creationBy(observed)),
    gone,
    there: shown.length === 0 ? there : [...shown, ...there],
    wrote,
    unknown: wrote ? unansweredIn(before) : undefined,
  }
}

/** What has a time of which nobody could hear is not known to be there at the end. */
function copying(observed: Observed, reply: unknown, wrote: boolean, source: readonly Arg[], existed: Existed): Effect {
  const { rule, args, keys, asked, time } = observed
  const before = asked.map(existed)
  const left = before.at(-1)
  const until = typeof left === 'number' ? (left < 0 ? Number.POSITIVE_INFINITY : time + left) : undefined
  const unknown = wrote ? unansweredIn(before) : undefined
  const isNew = wrote && unknown === undefined && (rule.told ? rule.told(reply, args) : before[0] === false)
  const there = rule.told || before[0] !== true ? source : [...source, ...keys]
  const created = isNew ? keys.map(creationBy(observed)) : none
  return { created, gone: none, there, wrote, unknown, ...(until === undefined ? {} : { until }) }
}

const isKey = (asked: Asked): asked is Arg => asked !== everyKey && !isTimeOf(asked)

/** Their fate is not told key by key: they are struck off together. */
function emptying(existed: Existed): Effect {
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
