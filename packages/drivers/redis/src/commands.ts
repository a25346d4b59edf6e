/** What each command does to keys, as data: the arguments that are keys, their type, and how to tell that a key was created. */
import { clock } from '@dustpan/core/driver'
import { harmless } from './harmless-commands.ts'
import { type Arg, sameBytes } from './keys.ts'
import {
  type Args,
  type CommandRule,
  creating,
  creatingIf,
  every,
  first,
  ifNotNull,
  ifOne,
  isNotNull,
  isNull,
  isOne,
  isPositive,
  places,
  type Rule,
  type RuleEntry,
} from './rule.ts'
import { scripts } from './script-commands.ts'
import { getexRule, setRule } from './set-commands.ts'
import { taking } from './taking-commands.ts'

export function ruleFor(name: string, args: Args): CommandRule {
  const entry = rules.get(name)
  if (entry !== undefined) return (typeof entry === 'function' ? entry(args) : entry) ?? 'creates-nothing'
  return harmless.has(name) ? 'creates-nothing' : 'cannot-tell'
}

const second = places(1)
const always = () => true
/** There are no empty lists: if the new length equals the number of pushed elements, the list did not exist before. */
const isWholeList = (reply: unknown, args: Args) => Number(reply) === args.length - 1

/** The result replaces the key; an empty result deletes it. */
const stored = (atUnits: number, type: string): Rule => ({
  creates: places(atUnits),
  type,
  replaces: true,
  wrote: isPositive,
  deletes: (_, reply) => (isPositive(reply) ? [] : [atUnits]),
})

const text = (arg: Arg | undefined) => (arg === undefined ? '' : String(arg).toUpperCase())
const has = (args: Args, word: string, from = 1) =>
  args.findIndex((arg, atUnits) => atUnits >= from && text(arg) === word)
/** Only looks at the options, which come before the first score: a member may be called `xx`. */
const onlyExisting = (args: Args) => {
  const end = args.findIndex((arg, atUnits) => atUnits > 0 && !addOptions.has(text(arg)))
  return args.slice(1, end).some((arg) => text(arg) === 'XX')
}
const addOptions: ReadonlySet<string> = new Set(['NX', 'XX', 'GT', 'LT', 'CH', 'INCR'])
const numberAt = (args: Args, atUnits: number) => Number(String(args[atUnits]))
const inUnits = (unit: number) => (args: Args, now: number) => now + numberAt(args, 1) * unit
const atUnits = (unit: number) => (args: Args) => numberAt(args, 1) * unit

/** `EXPIRE key 0` deletes. */
const expiringRule = (when: NonNullable<Rule['expires']>): Rule => ({
  expires: when,
  wrote: isOne,
  there: ifOne(0),
  deletes: (args, reply) => (isOne(reply) && (when(args, clock.now()) ?? 0) <= clock.now() ? [0] : []),
})

const rules: ReadonlyMap<string, RuleEntry> = new Map<string, RuleEntry>([
  ...taking,
  ...scripts,
  ['set', setRule],
  ['setnx', creatingIf('string', isOne)],
  ['setex', creating('string', { expires: inUnits(1000), replaces: true })],
  ['psetex', creating('string', { expires: inUnits(1), replaces: true })],
  ['getset', creatingIf('string', isNull, { replaces: true })],
  ['mset', creating('string', { creates: every(2), replaces: true })],
  ['msetnx', creatingIf('string', isOne, { creates: every(2), there: ifOnlyKey })],
  ['append', creating('string')],
  ['setrange', creating('string', { wrote: isPositive })],
  ['setbit', creating('string')],
  ['bitfield', (args) => (has(args, 'SET') > 0 || has(args, 'INCRBY') > 0 ? creating('string') : undefined)],
  ['bitop', stored(1, 'string')],
  ...['incr', 'incrby', 'incrbyfloat', 'decr', 'decrby', 'pfadd', 'pfmerge'].map(
    (name): [string, RuleEntry] => [name, creating('string')], // `INCR` also replies 1 for a key that held 0
  ),
  ...['hset', 'hmset', 'hsetnx', 'hincrby', 'hincrbyfloat'].map((name): [string, RuleEntry] => [
    name,
    creating('hash'),
  ]),
  ['hsetex', creating('hash', { wrote: isOne })],
  ['lpush', creatingIf('list', isWholeList)],
  ['rpush', creatingIf('list', isWholeList)],
  ['sadd', creating('set')],
  ...['sinterstore', 'sunionstore', 'sdiffstore'].map((name): [string, RuleEntry] => [name, stored(0, 'set')]),
  ['zadd', (args) => (onlyExisting(args) ? undefined : creating('zset', { wrote: isNotNull }))],
  ['geoadd', (args) => (onlyExisting(args) ? undefined : creating('zset'))],
  ['zincrby', creating('zset')],
  ...['zunionstore', 'zinterstore', 'zdiffstore', 'zrangestore', 'geosearchstore'].map((name): [string, RuleEntry] => [
    name,
    stored(0, 'zset'),
  ]),
  ['georadius', (args) => storingRule(args, ['STORE', 'STOREDIST'], 'zset')],
  ['georadiusbymember', (args) => storingRule(args, ['STORE', 'STOREDIST'], 'zset')],
  ['sort', (args) => storingRule(args, ['STORE'], 'list')],
  ['xadd', creating('stream', { wrote: isNotNull })], // null: NOMKSTREAM
  ['xgroup', (args) => (has(args, 'MKSTREAM') > 0 ? creating('stream', { creates: second }) : undefined)],
  ['copy', copyRule],
  [
    'move',
    {
      creates: first,
      moves: { from: 0, to: 0 },
      database: (args) => numberAt(args, 1),
      provesNew: isOne,
      wrote: isOne,
      there: ifOne(0),
      deletes: ifOne(0),
    },
  ],
  ['restore', restoreRule],
  ['rename', { creates: second, moves: { from: 0, to: 1 }, there: first, deletes: unlessSameKey, replaces: true }],
  [
    'renamenx',
    { creates: second, moves: { from: 0, to: 1 }, provesNew: isOne, wrote: isOne, there: ifOne(0), deletes: ifOne(0) },
  ],
  ['json.set', jsonRule],
  ['json.merge', creating('ReJSON-RL')],
  ['json.mset', creating('ReJSON-RL', { creates: every(3) })],
  ['ts.create', creatingIf('TSDB-TYPE', always)],
  ['ts.add', creating('TSDB-TYPE')],
  ['bf.reserve', creatingIf('MBbloom--', always)],
  ...['bf.add', 'bf.madd'].map((name): [string, RuleEntry] => [name, creating('MBbloom--')]),
  ['cf.reserve', creatingIf('MBbloomCF', always)],
  ['cf.add', creating('MBbloomCF')],
  ['cms.initbydim', creatingIf('CMSk-TYPE', always)],
  ['cms.initbyprob', creatingIf('CMSk-TYPE', always)],
  ['topk.reserve', creatingIf('TopK-TYPE', always)],
  ['tdigest.create', creatingIf('TDIS-TYPE', always)],
  ['vadd', creating('vectorset', { wrote: isPositive })],
  ['del', deletingRule],
  ['unlink', deletingRule],
  ...['delex', 'delifeq'].map((name): [string, RuleEntry] => [name, { deletes: ifOne(0), there: ifOne(0) }]),
  ['migrate', migrateRule],
  ['getdel', { deletes: first, there: ifNotNull }],
  ['flushdb', { empties: 'database' }],
  ['flushall', { empties: 'all' }],
  ['swapdb', { empties: (args) => [numberAt(args, 0), numberAt(args, 1)] }],
  ['expire', expiringRule(inUnits(1000))],
  ['pexpire', expiringRule(inUnits(1))],
  ['expireat', expiringRule(atUnits(1000))],
  ['pexpireat', expiringRule(atUnits(1))],
  ['persist', { wrote: isOne, there: ifOne(0), expires: () => Number.POSITIVE_INFINITY }],
  ['getex', getexRule],
])

function storingRule(args: Args, words: readonly string[], type: string): Rule | undefined {
  const option = words.map((word) => has(args, word)).find((place) => place > 0)
  return option === undefined ? undefined : stored(option + 1, type)
}

function copyRule(args: Args): Rule {
  const found = has(args, 'DB', 2)
  const database = () => (found < 0 ? undefined : numberAt(args, found + 1))
  const copy: Rule = { creates: second, copies: 0, database, wrote: isOne, there: ifOne(0) }
  if (has(args, 'REPLACE', 2) < 0) return { ...copy, provesNew: isOne }
  // EXISTS checks the current database only: whether the key existed in the other one is unknown.
  return found < 0 ? { ...copy, replaces: true } : { ...copy, provesNew: () => false, cannotTell: true }
}

function restoreRule(args: Args): Rule {
  const replaces = has(args, 'REPLACE', 3) > 0
  const absolute = has(args, 'ABSTTL', 3) > 0
  const expires: Rule['expires'] = (_, now) => {
    const ttl = numberAt(args, 1)
    return ttl > 0 ? ttl + (absolute ? 0 : now) : undefined
  }
  return { creates: first, expires, ...(replaces ? { replaces } : { provesNew: always }) }
}

/** Without COPY, the keys are moved to the other server. */
function migrateRule(args: Args): Rule {
  const from = has(args, 'KEYS', 5)
  const keys = from < 0 ? places(2) : () => [...args.keys()].slice(from + 1)
  return { checksBefore: keys, checksAfter: keys, wrote: () => false }
}

function jsonRule(args: Args): Rule | undefined {
  const options = args.slice(3).map(text)
  return options.includes('XX') ? undefined : creating('ReJSON-RL', { wrote: isNotNull })
}

function ifOnlyKey(args: Args, reply: unknown): readonly number[] {
  return args.length > 2 || isOne(reply) ? [] : [0]
}

/** The server counts each existing key once. */
function allIfDistinct(args: Args, reply: unknown): readonly number[] {
  const allExisted = Number(reply) === args.length && new Set(args.map(sameBytes)).size === args.length
  return allExisted ? [...args.keys()] : []
}

/** The reply is a count: it says which keys existed only if that is all of them, or none. */
function deletingRule(args: Args): Rule {
  return args.length === 1 || args.length > maxChecked ? counted : eachChecked
}

/** A command with more keys than this gets no EXISTS for each of them. */
const maxChecked = 100
const counted: Rule = { deletes: every(), there: allIfDistinct }
const eachChecked: Rule = { ...counted, checksBefore: every(), wrote: () => false }

/** A key may be renamed to itself. */
function unlessSameKey([from, to]: Args): readonly number[] {
  return String(from) === String(to) ? [] : [0]
}
