/**
 * Leaves BullMQ's queues alone. Scripts, which are not tracked, create all of a queue's keys but `…:meta` and
 * `…:limiter`; these two must not be removed on their own, because they say that the queue is paused or rate limited.
 */
import type { CaptureSink, StoreSeen } from '@dustpan/core/driver'
import type { Arg } from '../keys.ts'
import type { Args } from '../rule.ts'
import type { Observed } from './observed-command.ts'

/** Store and key prefix of each known queue. */
const queues = new WeakMap<CaptureSink, Set<string>>()

/** Remembers the queue of a BullMQ command, and warns, unless its keys are ignored anyway. */
export function noteQueue(
  sink: CaptureSink,
  { id }: StoreSeen,
  { name, args }: Observed,
  ignores: (key: string) => boolean,
): void {
  const prefix = prefixFinders.get(name)?.(args)
  if (prefix === undefined || ignores(`${prefix}meta`)) return
  const known = queues.get(sink) ?? new Set<string>()
  queues.set(sink, known.add(`${id} ${prefix}`))
  sink.warn(
    'DUSTPAN_KEY_UNATTRIBUTED',
    `BullMQ ${prefix}`,
    `BullMQ manages the queue ${prefix}* with scripts, so none of its keys are tracked. Empty it with queue.obliterate({ force: true }), or give the driver a kind with the pattern '${prefix}*' and remove it by predicate.`,
  )
}

/** By command: finds the key prefix of the queue, if the command is certainly BullMQ's. */
const prefixFinders: ReadonlyMap<string, (args: Args) => string | undefined> = new Map([
  ...['hset', 'hmset'].map((name) => [name, prefixFromSettings] as const),
  ...['eval', 'evalsha'].map((name) => [name, prefixFromScript] as const),
  ['set', prefixFromLimiter],
])

/** Settings that BullMQ writes when a queue is created or given a rate limit. */
function prefixFromSettings([key, ...fields]: Args): string | undefined {
  const prefix = prefixOf('meta', key)
  if (prefix === undefined) return undefined
  const names = new Set(fields.filter((_, index) => index % 2 === 0).map(String))
  const isLimited = names.size > 0 && names.isSubsetOf(limits) && (names.has('concurrency') || names.size === 2)
  return names.has('opts.maxLenEvents') || isLimited ? prefix : undefined
}

const limits: ReadonlySet<string> = new Set(['concurrency', 'max', 'duration'])

/** Every script that adds jobs gets the keys `meta` and `events`. */
function prefixFromScript(args: Args): string | undefined {
  const keys = args.slice(2, 2 + Number(String(args[1]))).map(String)
  return keys.flatMap((key) => prefixOf('meta', key) ?? []).find((prefix) => keys.includes(`${prefix}events`))
}

/** Written by `queue.rateLimit()`. */
function prefixFromLimiter([key, value, ...options]: Args): string | undefined {
  return options.length > 0 && String(value) === String(Number.MAX_SAFE_INTEGER) ? prefixOf('limiter', key) : undefined
}

function prefixOf(end: string, key: Args[number] | undefined): string | undefined {
  const text = String(key)
  return text.endsWith(`:${end}`) ? text.slice(0, -end.length) : undefined
}

export function isQueueKey(sink: CaptureSink, { id }: StoreSeen, key: Arg): boolean {
  const known = queues.get(sink)
  if (!known) return false
  const place = `${id} ${String(key)}`
  return known.values().some((queue) => place.startsWith(queue))
}
