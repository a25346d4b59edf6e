/** One command on its way: what may come of it, and, once it is answered, what did. */
import { clock } from '@dustpan/core/driver'
import type { Arg } from '../keys.ts'
import type { Args, Rule } from '../rule.ts'

export interface Observed {
  readonly name: string
  readonly rule: Rule
  readonly args: Args
  /** Keys that it may create. */
  readonly keys: readonly Arg[]
  /** Keys for which EXISTS is to be sent ahead. */
  readonly asked: readonly Arg[]
  /** Its place among all that were sent. */
  readonly at: number
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
  /** An EXISTS was not answered, so that nobody knows whether something was created. */
  readonly unknown: Unanswered | undefined
}

/** Why an EXISTS was not answered: the server refused it, it was not sent, or its answer was lost. */
export type Unanswered = 'denied' | 'unasked' | 'lost'

/** Whether something was under a key before the command; undefined: its answer never came. */
export type Existed = (key: Arg, index: number) => boolean | Unanswered | undefined

let sent = 0

export function observe(name: string, rule: Rule, args: Args): Observed {
  const keys = rule.creates ? at(args, rule.creates(args)) : none
  const asked = rule.asks ? at(args, rule.asks(args)) : rule.told ? none : keys
  return { name, rule, args, keys, asked, at: ++sent }
}

const none: readonly never[] = []

const at = (args: Args, places: readonly number[]): readonly Arg[] => places.flatMap((place) => args[place] ?? [])

export function effectOf(observed: Observed, reply: unknown, existed: Existed): Effect {
  const { rule, args, keys, asked } = observed
  const gone = rule.deletes ? at(args, rule.deletes(args, reply)) : none
  const shown = rule.there ? at(args, rule.there(args, reply)) : none
  const wrote = rule.wrote?.(reply) ?? true
  if (rule.told) {
    const created = wrote && rule.told(reply, args) ? keys.map(creationBy(observed)) : none
    return { created, gone, there: shown, wrote, unknown: undefined }
  }
  if (asked.length === 0) return { created: none, gone, there: shown, wrote, unknown: undefined }
  const before = asked.map(existed)
  const there = asked.filter((_, index) => before[index] === true)
  const fresh = wrote ? keys.filter((_, index) => before[index] === false) : none
  return {
    created: fresh.length === 0 ? none : fresh.map(creationBy(observed)),
    gone,
    there: shown.length === 0 ? there : [...shown, ...there],
    wrote,
    unknown: wrote ? unansweredIn(before) : undefined,
  }
}

function unansweredIn(before: readonly ReturnType<Existed>[]): Unanswered | undefined {
  const all = before.filter((one) => typeof one !== 'boolean')
  return all.length === 0 ? undefined : (all.find((one) => one === 'denied' || one === 'unasked') ?? 'lost')
}

function creationBy({ rule, args, at }: Observed): (key: Arg) => Creation {
  const expires = rule.expires?.(args, clock.now())
  const database = rule.database?.(args)
  return (key) => ({ key, type: rule.type, database, expires, at })
}
