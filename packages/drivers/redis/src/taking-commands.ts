/** Commands that take from keys, after which nothing may be left of them: who was answered with something took it from what was there. */
import { type Arg, sameBytes } from './keys.ts'
import { type Entry, first, ifOne, isOne, isSome, places, type Rule } from './rule.ts'

const by = (isSo: (reply: unknown) => boolean): Rule => ({ there: (_, reply) => (isSo(reply) ? [0] : []) })

/** How many were taken; of several fields, what became of each. */
const counted = by((reply) => (Array.isArray(reply) ? reply.some(isSome) : isSome(reply)))

/** What was taken, and null for what was not there. */
const given = by((reply) =>
  (Symbol.iterator in Object(reply) && !isText(reply) ? [...(reply as Iterable<unknown>)] : [reply]).some(
    (one) => one !== null,
  ),
)

const isText = (reply: unknown) => typeof reply === 'string' || Buffer.isBuffer(reply)

/** The answer begins with the key: of several the first that has something. */
const fromNamed: Rule = {
  there(args, reply) {
    if (!Array.isArray(reply)) return []
    const name = sameBytes(reply[0] as Arg)
    const place = args.findIndex((arg) => sameBytes(arg) === name)
    return place < 0 ? [] : [place]
  },
}

/** `OK`, whether or not anything was there. */
const untold: Rule = { asks: first }

/** Until a client puts something in. */
const waiting: Rule = { ...fromNamed, waits: true }

const carried = { from: 0, to: 1, part: true } as const

/** What is taken goes to the second key, which there may have been neither before nor when the waiting began. */
const carrying: Rule = { ...given, waits: true, cannotTell: true, moves: carried, wrote: (reply) => reply !== null }

/** What goes from the first key to the second. */
const moved = (type: string, more: Rule): Rule => ({ creates: places(1), type, moves: carried, ...more })
const popped = moved('list', { ...given, wrote: (reply) => reply !== null })

const named = (names: string, rule: Rule) => names.split(' ').map((name): [string, Entry] => [name, rule])

export const taking: readonly [string, Entry][] = [
  ...named('lpop rpop spop zpopmin zpopmax hgetdel hgetex', given),
  ...named('srem lrem zrem zremrangebylex zremrangebyrank zremrangebyscore hdel json.del json.forget', counted),
  ...named('hexpire hexpireat hpexpire hpexpireat', counted),
  ...named('lmpop zmpop', fromNamed),
  ...named('blpop brpop bzpopmin bzpopmax blmpop bzmpop', waiting),
  ...named('ltrim', untold),
  ...named('rpoplpush lmove', popped),
  ...named('smove', moved('set', { wrote: isOne, there: ifOne(0) })),
  ...named('blmove brpoplpush', carrying),
]
