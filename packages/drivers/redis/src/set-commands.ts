/** Rules of SET with its options, and of GETEX. */
import { type Arg, sameBytes } from './keys.ts'
import { type Args, creating, creatingIf, ifNotNull, ifNull, isNotNull, isNull, type Rule } from './rule.ts'

/** The options after the key and the value, with their arguments. */
type Options = ReadonlyMap<string, Arg | undefined>

/** With GET the reply is the old value; with NX it says whether there was one. */
export function setRule(args: Args): Rule {
  if (args.length <= 2) return plainSet
  const options = optionsOf(args, 2)
  const expires: Rule['expires'] = (_, now) => expiryIn(options, now)
  const more: Rule = options.has('KEEPTTL') ? {} : { expires, replaces: true }
  const isGet = options.has('GET')
  if (overwriting.some((name) => options.has(name))) return overwrite(options, { ...more, wrote: isNotNull })
  if (isGet && options.keys().some((name) => !known.has(name)))
    return { ...more, type: 'string', there: ifNotNull, unsure: true, cannotTell: true }
  if (isGet) return creatingIf('string', isNull, { ...more, ...wroteWithGet(options) })
  if (options.has('NX')) return creatingIf('string', isNotNull, { ...more, wrote: isNotNull })
  const isConditional = options.has('IFNE') || options.has('IFDNE')
  return creating('string', { ...more, wrote: isNotNull, ...(isConditional ? { there: ifNull } : {}) })
}

const plainSet = creating('string', { replaces: true })

/** Options that never create a key; IFDEQ compares a hash, IFEQ the value. */
const overwriting = ['XX', 'IFEQ', 'IFDEQ'] as const

function overwrite(options: Options, more: Rule): Rule {
  const rule: Rule = { ...more, type: 'string', there: ifNotNull }
  const isGet = options.has('GET')
  const same = options.get('IFEQ')
  if (!isGet) return options.has('XX') ? { ...rule, deletes: ifNull } : rule
  if (same === undefined) return { ...rule, deletes: ifNull, ...(options.has('XX') ? {} : { unsure: true }) }
  return { ...rule, deletes: ifNull, wrote: (reply) => isNotNull(reply) && isSame(reply, same) }
}

/** With GET: whether it wrote, judging by the old value. */
function wroteWithGet(options: Options): Rule {
  const other = options.get('IFNE')
  if (options.has('NX')) return { wrote: isNull }
  if (other !== undefined) return { wrote: (reply) => isNull(reply) || !isSame(reply, other) }
  return options.has('IFDNE') ? { unsure: true } : {}
}

const isSame = (reply: unknown, arg: Arg) => sameBytes(reply as Arg) === sameBytes(arg)

/** An expiry time in the past deletes the key. */
export function getexRule(args: Args): Rule {
  const options = optionsOf(args, 1)
  const expires: Rule['expires'] = (_, now) =>
    options.has('PERSIST') ? Number.POSITIVE_INFINITY : expiryIn(options, now)
  return { wrote: isNotNull, there: ifNotNull, deletes: ifNull, expires }
}

function optionsOf(args: Args, from: number): Options {
  const options = new Map<string, Arg | undefined>()
  for (let at = from; at < args.length; at++) {
    const name = String(args[at]).toUpperCase()
    options.set(name, withArgument.has(name) ? args[++at] : undefined)
  }
  return options
}

const withArgument: ReadonlySet<string> = new Set(['EX', 'PX', 'EXAT', 'PXAT', 'IFEQ', 'IFNE', 'IFDEQ', 'IFDNE'])
/** The known options of SET. */
const known: ReadonlySet<string> = new Set([...withArgument, 'NX', 'XX', 'GET', 'KEEPTTL'])

function expiryIn(options: Options, now: number): number | undefined {
  for (const [name, unit, since] of expiries) {
    const found = options.get(name)
    if (found !== undefined) return since(now) + Number(String(found)) * unit
  }
  return undefined
}

const fromNow = (now: number) => now
const fromEpoch = () => 0
const expiries = [
  ['EX', 1000, fromNow],
  ['PX', 1, fromNow],
  ['EXAT', 1000, fromEpoch],
  ['PXAT', 1, fromEpoch],
] as const
