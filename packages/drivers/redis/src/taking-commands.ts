/**
 * Commands that take from keys: who was answered with something took it from what was there. Nothing may be left of the key then, so it is
 * looked at behind them.
 */
import { type Arg, sameBytes } from './keys.ts'
import {
  type Args,
  countedFrom,
  type Entry,
  first,
  ifNothing,
  ifOne,
  isAnything,
  isOne,
  isSome,
  places,
  type Rule,
} from './rule.ts'

const by = (isSo: (reply: unknown) => boolean): Rule => ({
  there: (_, reply) => (isSo(reply) ? [0] : []),
  asksAfter: first,
})

/** How many were taken; of several fields, what became of each. */
const counted = by((reply) => (Array.isArray(reply) ? reply.some(isSome) : isSome(reply)))

/** What was taken, and null for what was not there. */
const taken = by((reply) =>
  (Symbol.iterator in Object(reply) && !isText(reply) ? [...(reply as Iterable<unknown>)] : [reply]).some(isAnything),
)

const given: Rule = { ...taken, deletes: ifNothing }

const isText = (reply: unknown) => typeof reply === 'string' || Buffer.isBuffer(reply)

const allButLast = (args: Args) => [...args.keys()].slice(0, -1)

/** The answer begins with the key: of several the first that has something. */
const fromNamed = (keys: NonNullable<Rule['asksAfter']>): Rule => ({
  asksAfter: keys,
  there(args, reply) {
    if (!Array.isArray(reply)) return []
    const name = sameBytes(reply[0] as Arg)
    const place = args.findIndex((arg) => sameBytes(arg) === name)
    return place < 0 ? [] : [place]
  },
})

/** `OK`, whether or not anything was there. */
const untold: Rule = { asks: first, asksAfter: first }

/** Until a client puts something in. */
const waiting = (keys: NonNullable<Rule['asksAfter']>): Rule => ({ ...fromNamed(keys), waits: true })

const carried = { from: 0, to: 1, part: true } as const

/** What is taken goes to the second key, which there may have been neither before nor when the waiting began. */
const carrying: Rule = { ...taken, waits: true, cannotTell: true, moves: carried, wrote: isAnything }

/** What goes from the first key to the second. */
const moved = (type: string, more: Rule): Rule => ({ creates: places(1), type, moves: carried, ...more })
const popped = moved('list', { ...given, wrote: isAnything })

const named = (names: string, rule: Rule) => names.split(' ').map((name): [string, Entry] => [name, rule])

export const taking: readonly [string, Entry][] = [
  ...named('lpop rpop spop zpopmin zpopmax hgetdel hgetex', given),
  ...named('srem lrem zrem zremrangebylex zremrangebyrank zremrangebyscore hdel json.del json.forget', counted),
  ...named('hexpire hexpireat hpexpire hpexpireat', counted),
  ...named('lmpop zmpop', fromNamed(countedFrom(0))),
  ...named('blpop brpop bzpopmin bzpopmax', waiting(allButLast)),
  ...named('blmpop bzmpop', waiting(countedFrom(1))),
  ...named('ltrim', untold),
  ...named('rpoplpush lmove', popped),
  ...named('smove', moved('set', { wrote: isOne, there: ifOne(0), asksAfter: first })),
  ...named('blmove brpoplpush', carrying),
]
