/**
 * Rules of commands that take elements out of keys. A reply with an element proves that the key existed. The command
 * may have emptied the key, and Redis deletes empty keys, so an EXISTS follows it.
 */
import { type Arg, sameBytes } from './keys.ts'
import {
  type Args,
  first,
  ifNull,
  ifOne,
  isNotNull,
  isOne,
  isPositive,
  keysCountedAt,
  places,
  type Rule,
  type RuleEntry,
} from './rule.ts'

const existedIf = (proves: (reply: unknown) => boolean): Rule => ({
  there: (_, reply) => (proves(reply) ? [0] : []),
  checksAfter: first,
})

/** The reply is the number of elements, or a list with the outcome of each field. */
const counted = existedIf((reply) => (Array.isArray(reply) ? reply.some(isPositive) : isPositive(reply)))

/** The reply has the elements, and null for those that were not there. */
const taken = existedIf((reply) =>
  (Symbol.iterator in Object(reply) && !isText(reply) ? [...(reply as Iterable<unknown>)] : [reply]).some(isNotNull),
)

const takenOrGone: Rule = { ...taken, deletes: ifNull }

const isText = (reply: unknown) => typeof reply === 'string' || Buffer.isBuffer(reply)

const allButLast = (args: Args) => [...args.keys()].slice(0, -1)

/** The reply begins with the key: the first of the named keys that had an element. */
const fromNamed = (keys: NonNullable<Rule['checksAfter']>): Rule => ({
  checksAfter: keys,
  there(args, reply) {
    if (!Array.isArray(reply)) return []
    const name = sameBytes(reply[0] as Arg)
    const place = args.findIndex((arg) => sameBytes(arg) === name)
    return place < 0 ? [] : [place]
  },
})

/** The reply is always `OK`. */
const alwaysOk: Rule = { checksBefore: first, checksAfter: first }

/** Blocks until a client adds an element. */
const blocking = (keys: NonNullable<Rule['checksAfter']>): Rule => ({ ...fromNamed(keys), waits: true })

const firstToSecond = { from: 0, to: 1, part: true } as const

/** Moves an element to the second key, which may be created at any time while the command blocks. */
const blockingMove: Rule = { ...taken, waits: true, cannotTell: true, moves: firstToSecond, wrote: isNotNull }

/** Moves an element from the first key to the second. */
const moved = (type: string, more: Rule): Rule => ({ creates: places(1), type, moves: firstToSecond, ...more })
const popped = moved('list', { ...takenOrGone, wrote: isNotNull })

const named = (names: string, rule: Rule) => names.split(' ').map((name): [string, RuleEntry] => [name, rule])

export const taking: readonly [string, RuleEntry][] = [
  ...named('lpop rpop spop zpopmin zpopmax hgetdel hgetex', takenOrGone),
  ...named('srem lrem zrem zremrangebylex zremrangebyrank zremrangebyscore hdel json.del json.forget', counted),
  ...named('hexpire hexpireat hpexpire hpexpireat', counted),
  ...named('lmpop zmpop', fromNamed(keysCountedAt(0))),
  ...named('blpop brpop bzpopmin bzpopmax', blocking(allButLast)),
  ...named('blmpop bzmpop', blocking(keysCountedAt(1))),
  ...named('ltrim', alwaysOk),
  ...named('rpoplpush lmove', popped),
  ...named('smove', moved('set', { wrote: isOne, there: ifOne(0), checksAfter: first })),
  ...named('blmove brpoplpush', blockingMove),
]
