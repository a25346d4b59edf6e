/** One command on its way: what may come of it, and, once it is answered, what did. */
import { clock, type KnownResource } from '@dustpan/core/driver'
import type { Args, Rule } from '../commands.ts'
import type { Arg } from '../keys.ts'

export interface Observed {
  readonly name: string
  readonly rule: Rule
  readonly args: Args
  /** Keys that it may create. */
  readonly keys: readonly Arg[]
  /** What the test that gave it knows; only where a key moves. */
  readonly known: Iterable<KnownResource> | undefined
}

/** A key that a command created. */
export interface Creation {
  readonly key: Arg
  readonly type: string | undefined
  readonly database: number | undefined
  /** Milliseconds since the epoch. */
  readonly expires: number | undefined
  /** It is the test's only if this one was. */
  readonly from: Arg | undefined
  readonly known: Iterable<KnownResource> | undefined
}

export interface Effect {
  readonly created: readonly Creation[]
  readonly gone: readonly Arg[]
  /** All that is gone certainly was there. */
  readonly found?: boolean
  /** An EXISTS was not answered, so that nobody knows whether something was created. */
  readonly unknown: boolean
}

/** Whether something was under a key before the command; undefined: that is not known. */
export type Existed = (key: Arg, index: number) => boolean | undefined

export function observe(name: string, rule: Rule, args: Args, known?: Observed['known']): Observed {
  const keys = rule.creates?.(args).flatMap((place) => args[place] ?? []) ?? []
  return { name, rule, args, keys, known }
}

/** The keys for which EXISTS is to be sent ahead. */
export function asksFor({ rule, keys }: Observed): readonly Arg[] {
  return rule.told === undefined ? keys : []
}

const nothing: readonly never[] = []

export function effectOf(observed: Observed, reply: unknown, existed: Existed): Effect {
  const { rule, args, keys } = observed
  const gone = rule.deletes?.(args, reply).flatMap((place) => args[place] ?? []) ?? nothing
  const found = rule.found?.(args, reply) ?? false
  if (keys.length === 0 || !(rule.wrote?.(reply) ?? true)) return { created: nothing, gone, found, unknown: false }
  if (rule.told)
    return { created: rule.told(reply, args) ? keys.map(creationBy(observed)) : nothing, gone, unknown: false }
  const before = keys.map(existed)
  const fresh = keys.filter((_, index) => before[index] === false)
  return { created: fresh.map(creationBy(observed)), gone, unknown: before.includes(undefined) }
}

function creationBy({ rule, args, known }: Observed): (key: Arg) => Creation {
  const expires = rule.expires?.(args, clock.now())
  const database = rule.database?.(args)
  const from = rule.moves && args[rule.moves.from]
  return (key) => ({ key, type: rule.type, database, expires, from, known })
}
