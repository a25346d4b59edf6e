/** SET with its options, and GETEX. */
import { type Arg, sameBytes } from './keys.ts'
import { type Args, asked, ifAnything, ifNothing, isAnything, isNothing, type Rule, told } from './rule.ts'

/** What stands behind the key and the value: by option, its argument. */
type Options = ReadonlyMap<string, Arg | undefined>

/** With GET the answer is what was there; with NX it tells whether anything was. */
export function setRule(args: Args): Rule {
  if (args.length <= 2) return plainSet
  const options = optionsOf(args, 2)
  const expires: Rule['expires'] = (_, now) => expiryIn(options, now)
  const more: Rule = options.has('KEEPTTL') ? {} : { expires, replaces: true }
  const isGet = options.has('GET')
  if (overwriting.some((name) => options.has(name))) return overwrite(options, { ...more, wrote: isAnything })
  if (isGet && options.keys().some((name) => !known.has(name)))
    return { ...more, type: 'string', there: ifAnything, unsure: true, cannotTell: true }
  if (isGet) return told('string', isNothing, { ...more, ...writtenBeside(options) })
  if (options.has('NX')) return told('string', isAnything, { ...more, wrote: isAnything })
  const isUnlike = options.has('IFNE') || options.has('IFDNE')
  return asked('string', { ...more, wrote: isAnything, ...(isUnlike ? { there: ifNothing } : {}) })
}

const plainSet = asked('string', { replaces: true })

/** What is not there stays so; IFDEQ compares a hash, IFEQ the value. */
const overwriting = ['XX', 'IFEQ', 'IFDEQ'] as const

function overwrite(options: Options, more: Rule): Rule {
  const rule: Rule = { ...more, type: 'string', there: ifAnything }
  const isGet = options.has('GET')
  const same = options.get('IFEQ')
  if (!isGet) return options.has('XX') ? { ...rule, deletes: ifNothing } : rule
  if (same === undefined) return { ...rule, deletes: ifNothing, ...(options.has('XX') ? {} : { unsure: true }) }
  return { ...rule, deletes: ifNothing, wrote: (reply) => isAnything(reply) && isSame(reply, same) }
}

/** Whether it wrote, by what was there before. */
function writtenBeside(options: Options): Rule {
  const other = options.get('IFNE')
  if (options.has('NX')) return { wrote: isNothing }
  if (other !== undefined) return { wrote: (reply) => isNothing(reply) || !isSame(reply, other) }
  return options.has('IFDNE') ? { unsure: true } : {}
}

const isSame = (reply: unknown, arg: Arg) => sameBytes(reply as Arg) === sameBytes(arg)

/** A time that is over deletes. */
export function getexRule(args: Args): Rule {
  const options = optionsOf(args, 1)
  const expires: Rule['expires'] = (_, now) =>
    options.has('PERSIST') ? Number.POSITIVE_INFINITY : expiryIn(options, now)
  return { wrote: isAnything, there: ifAnything, deletes: ifNothing, expires }
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
/** Of SET. */
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
