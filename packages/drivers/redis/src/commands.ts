/** What commands do to keys, as data: which of their arguments come to be keys, of what type, and how a creation is known. */
import { clock } from '@dustpan/core/driver'
import { harmless } from './harmless-commands.ts'
import { type Arg, sameBytes } from './keys.ts'
import {
  type Args,
  asked,
  type Entry,
  every,
  first,
  ifAnything,
  ifOne,
  isAnything,
  isNothing,
  isOne,
  isSome,
  type Known,
  places,
  type Rule,
  told,
} from './rule.ts'
import { scripts } from './script-commands.ts'
import { getexRule, setRule } from './set-commands.ts'
import { taking } from './taking-commands.ts'

export function ruleFor(name: string, args: Args): Known {
  const entry = rules.get(name)
  if (entry !== undefined) return (typeof entry === 'function' ? entry(args) : entry) ?? 'creates-nothing'
  return harmless.has(name) ? 'creates-nothing' : 'cannot-tell'
}

const second = places(1)
const always = () => true
/** A list has no empty form: as long as what was pushed, it was not there before. */
const isAllOfIt = (reply: unknown, args: Args) => Number(reply) === args.length - 1

/** Its result takes the place of what is there; an empty one leaves nothing. */
const stored = (at: number, type: string): Rule => ({
  creates: places(at),
  type,
  replaces: true,
  wrote: isSome,
  deletes: (_, reply) => (isSome(reply) ? [] : [at]),
})

const text = (arg: Arg | undefined) => (arg === undefined ? '' : String(arg).toUpperCase())
const has = (args: Args, word: string, from = 1) => args.findIndex((arg, at) => at >= from && text(arg) === word)
/** Options stand before the first score: a member may be called `xx`. */
const onlyExisting = (args: Args) => {
  const end = args.findIndex((arg, at) => at > 0 && !addOptions.has(text(arg)))
  return args.slice(1, end).some((arg) => text(arg) === 'XX')
}
const addOptions: ReadonlySet<string> = new Set(['NX', 'XX', 'GT', 'LT', 'CH', 'INCR'])
const numberAt = (args: Args, at: number) => Number(String(args[at]))
const after = (unit: number) => (args: Args, now: number) => now + numberAt(args, 1) * unit
const at = (unit: number) => (args: Args) => numberAt(args, 1) * unit

/** `EXPIRE key 0` deletes. */
const expiring = (when: NonNullable<Rule['expires']>): Rule => ({
  expires: when,
  wrote: isOne,
  there: ifOne(0),
  deletes: (args, reply) => (isOne(reply) && (when(args, clock.now()) ?? 0) <= clock.now() ? [0] : []),
})

const rules: ReadonlyMap<string, Entry> = new Map<string, Entry>([
  ...taking,
  ...scripts,
  ['set', setRule],
  ['setnx', told('string', isOne)],
  ['setex', asked('string', { expires: after(1000), replaces: true })],
  ['psetex', asked('string', { expires: after(1), replaces: true })],
  ['getset', told('string', isNothing, { replaces: true })],
  ['mset', asked('string', { creates: every(2), replaces: true })],
  ['msetnx', told('string', isOne, { creates: every(2), there: unlessSeveral })],
  ['append', asked('string')],
  ['setrange', asked('string', { wrote: isSome })],
  ['setbit', asked('string')],
  ['bitfield', (args) => (has(args, 'SET') > 0 || has(args, 'INCRBY') > 0 ? asked('string') : undefined)],
  ['bitop', stored(1, 'string')],
  ...['incr', 'incrby', 'incrbyfloat', 'decr', 'decrby', 'pfadd', 'pfmerge'].map(
    (name): [string, Entry] => [name, asked('string')], // `INCR` answers 1 for a key that held 0 as well
  ),
  ...['hset', 'hmset', 'hsetnx', 'hincrby', 'hincrbyfloat'].map((name): [string, Entry] => [name, asked('hash')]),
  ['hsetex', asked('hash', { wrote: isOne })],
  ['lpush', told('list', isAllOfIt)],
  ['rpush', told('list', isAllOfIt)],
  ['sadd', asked('set')],
  ...['sinterstore', 'sunionstore', 'sdiffstore'].map((name): [string, Entry] => [name, stored(0, 'set')]),
  ['zadd', (args) => (onlyExisting(args) ? undefined : asked('zset', { wrote: isAnything }))],
  ['geoadd', (args) => (onlyExisting(args) ? undefined : asked('zset'))],
  ['zincrby', asked('zset')],
  ...['zunionstore', 'zinterstore', 'zdiffstore', 'zrangestore', 'geosearchstore'].map((name): [string, Entry] => [
    name,
    stored(0, 'zset'),
  ]),
  ['georadius', (args) => storing(args, ['STORE', 'STOREDIST'], 'zset')],
  ['georadiusbymember', (args) => storing(args, ['STORE', 'STOREDIST'], 'zset')],
  ['sort', (args) => storing(args, ['STORE'], 'list')],
  ['xadd', asked('stream', { wrote: isAnything })], // null: NOMKSTREAM
  ['xgroup', (args) => (has(args, 'MKSTREAM') > 0 ? asked('stream', { creates: second }) : undefined)],
  ['copy', copyRule],
  [
    'move',
    {
      creates: first,
      moves: { from: 0, to: 0 },
      database: (args) => numberAt(args, 1),
      told: isOne,
      wrote: isOne,
      there: ifOne(0),
      deletes: ifOne(0),
    },
  ],
  ['restore', restoreRule],
  ['rename', { creates: second, moves: { from: 0, to: 1 }, there: first, deletes: ifOther, replaces: true }],
  [
    'renamenx',
    { creates: second, moves: { from: 0, to: 1 }, told: isOne, wrote: isOne, there: ifOne(0), deletes: ifOne(0) },
  ],
  ['json.set', jsonRule],
  ['json.merge', asked('ReJSON-RL')],
  ['json.mset', asked('ReJSON-RL', { creates: every(3) })],
  ['ts.create', told('TSDB-TYPE', always)],
  ['ts.add', asked('TSDB-TYPE')],
  ['bf.reserve', told('MBbloom--', always)],
  ...['bf.add', 'bf.madd'].map((name): [string, Entry] => [name, asked('MBbloom--')]),
  ['cf.reserve', told('MBbloomCF', always)],
  ['cf.add', asked('MBbloomCF')],
  ['cms.initbydim', told('CMSk-TYPE', always)],
  ['cms.initbyprob', told('CMSk-TYPE', always)],
  ['topk.reserve', told('TopK-TYPE', always)],
  ['tdigest.create', told('TDIS-TYPE', always)],
  ['vadd', asked('vectorset', { wrote: isSome })],
  ['del', deleting],
  ['unlink', deleting],
  ...['delex', 'delifeq'].map((name): [string, Entry] => [name, { deletes: ifOne(0), there: ifOne(0) }]),
  ['migrate', migrateRule],
  ['getdel', { deletes: first, there: ifAnything }],
  ['flushdb', { empties: 'database' }],
  ['flushall', { empties: 'all' }],
  ['swapdb', { empties: (args) => [numberAt(args, 0), numberAt(args, 1)] }],
  ['expire', expiring(after(1000))],
  ['pexpire', expiring(after(1))],
  ['expireat', expiring(at(1000))],
  ['pexpireat', expiring(at(1))],
  ['persist', { wrote: isOne, there: ifOne(0), expires: () => Number.POSITIVE_INFINITY }],
  ['getex', getexRule],
])

function storing(args: Args, words: readonly string[], type: string): Rule | undefined {
  const found = words.map((word) => has(args, word)).find((place) => place > 0)
  return found === undefined ? undefined : stored(found + 1, type)
}

function copyRule(args: Args): Rule {
  const found = has(args, 'DB', 2)
  const database = () => (found < 0 ? undefined : numberAt(args, found + 1))
  const copy: Rule = { creates: second, copies: 0, database, wrote: isOne, there: ifOne(0) }
  if (has(args, 'REPLACE', 2) < 0) return { ...copy, told: isOne }
  // EXISTS would look into this database: what is put over something in another one is not known.
  return found < 0 ? { ...copy, replaces: true } : { ...copy, told: () => false, cannotTell: true }
}

function restoreRule(args: Args): Rule {
  const replaces = has(args, 'REPLACE', 3) > 0
  const absolute = has(args, 'ABSTTL', 3) > 0
  const expires: Rule['expires'] = (_, now) => {
    const ttl = numberAt(args, 1)
    return ttl > 0 ? ttl + (absolute ? 0 : now) : undefined
  }
  return { creates: first, expires, ...(replaces ? { replaces } : { told: always }) }
}

/** Without COPY the keys go to the other server. */
function migrateRule(args: Args): Rule {
  const from = has(args, 'KEYS', 5)
  const keys = from < 0 ? places(2) : () => [...args.keys()].slice(from + 1)
  return { asks: keys, asksAfter: keys, wrote: () => false }
}

function jsonRule(args: Args): Rule | undefined {
  const options = args.slice(3).map(text)
  return options.includes('XX') ? undefined : asked('ReJSON-RL', { wrote: isAnything })
}

function unlessSeveral(args: Args, reply: unknown): readonly number[] {
  return args.length > 2 || isOne(reply) ? [] : [0]
}

/** The server counts those that were there, each once. */
function allDifferent(args: Args, reply: unknown): readonly number[] {
  const isSo = Number(reply) === args.length && new Set(args.map(sameBytes)).size === args.length
  return isSo ? [...args.keys()] : []
}

/** The answer tells which of them were there where it counts all or none. */
function deleting(args: Args): Rule {
  return args.length === 1 || args.length > mostAsked ? counted : askedEach
}

/** Of more keys at once it is not asked whether each was there. */
const mostAsked = 100
const counted: Rule = { deletes: every(), there: allDifferent }
const askedEach: Rule = { ...counted, asks: every(), wrote: () => false }

/** A key may be renamed to itself. */
function ifOther([from, to]: Args): readonly number[] {
  return String(from) === String(to) ? [] : [0]
}
