/**
 * Queues of BullMQ: all of their keys but `…:meta` and `…:limiter` are made by scripts, which are not tracked. Those two alone are not to be
 * removed: they say that the queue is paused, or has to wait.
 */
import type { CaptureSink, StoreSeen } from '@dustpan/core/driver'
import type { Arg } from '../keys.ts'
import type { Args } from '../rule.ts'
import type { Observed } from './observed.ts'

/** Where their keys begin, by store. */
const queues = new WeakMap<CaptureSink, Set<string>>()

/** Where its keys are ignored anyway nothing is to be told. */
export function noteQueue(
  sink: CaptureSink,
  { id }: StoreSeen,
  { name, args }: Observed,
  ignores: (key: string) => boolean,
): void {
  const prefix = signs.get(name)?.(args)
  if (prefix === undefined || ignores(`${prefix}meta`)) return
  const known = queues.get(sink) ?? new Set<string>()
  queues.set(sink, known.add(`${id} ${prefix}`))
  sink.warn(
    'DUSTPAN_KEY_UNATTRIBUTED',
    `BullMQ ${prefix}`,
    `BullMQ manages the queue ${prefix}* with scripts, so none of its keys are tracked. Empty it with queue.obliterate({ force: true }), or give the driver a kind with the pattern '${prefix}*' and remove it by predicate.`,
  )
}

/** By command: where the keys of the queue begin that it certainly is about. */
const signs: ReadonlyMap<string, (args: Args) => string | undefined> = new Map([
  ...['hset', 'hmset'].map((name) => [name, ofSettings] as const),
  ...['eval', 'evalsha'].map((name) => [name, ofScript] as const),
  ['set', ofLimiter],
])

/** What a queue writes when it is made, or told how fast it may be worked off. */
function ofSettings([key, ...fields]: Args): string | undefined {
  const prefix = before('meta', key)
  if (prefix === undefined) return undefined
  const names = new Set(fields.filter((_, index) => index % 2 === 0).map(String))
  const isLimited = names.size > 0 && names.isSubsetOf(limits) && (names.has('concurrency') || names.size === 2)
  return names.has('opts.maxLenEvents') || isLimited ? prefix : undefined
}

const limits: ReadonlySet<string> = new Set(['concurrency', 'max', 'duration'])

/** Every script that adds jobs is given both of these. */
function ofScript(args: Args): string | undefined {
  const keys = args.slice(2, 2 + Number(String(args[1]))).map(String)
  return keys.flatMap((key) => before('meta', key) ?? []).find((prefix) => keys.includes(`${prefix}events`))
}

/** `queue.rateLimit()`. */
function ofLimiter([key, value, ...options]: Args): string | undefined {
  return options.length > 0 && String(value) === String(Number.MAX_SAFE_INTEGER) ? before('limiter', key) : undefined
}

function before(end: string, key: Args[number] | undefined): string | undefined {
  const text = String(key)
  return text.endsWith(`:${end}`) ? text.slice(0, -end.length) : undefined
}

export function isOfQueue(sink: CaptureSink, { id }: StoreSeen, key: Arg): boolean {
  const known = queues.get(sink)
  if (!known) return false
  const place = `${id} ${String(key)}`
  return known.values().some((queue) => place.startsWith(queue))
}
