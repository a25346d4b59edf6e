/**
 * Queues of BullMQ: all of their keys but `…:meta` are made by scripts, which are not tracked. That one alone is not to be removed: it says
 * that the queue is paused.
 */
import type { CaptureSink, StoreSeen } from '@dustpan/core/driver'
import type { Arg } from '../keys.ts'
import type { Observed } from './observed.ts'

/** Where their keys begin, by store. */
const queues = new WeakMap<CaptureSink, Set<string>>()

const end = 'meta'

/** Where its keys are ignored anyway nothing is to be told. */
export function noteQueue(
  sink: CaptureSink,
  { id }: StoreSeen,
  { name, args }: Observed,
  ignores: (key: string) => boolean,
): void {
  if (name !== 'hset' && name !== 'hmset') return
  const key = String(args[0])
  if (!key.endsWith(`:${end}`) || !args.some((arg) => String(arg) === 'opts.maxLenEvents') || ignores(key)) return
  const known = queues.get(sink) ?? new Set<string>()
  const prefix = key.slice(0, -end.length)
  queues.set(sink, known.add(`${id} ${prefix}`))
  sink.warn(
    'DUSTPAN_KEY_UNATTRIBUTED',
    `BullMQ ${prefix}`,
    `BullMQ keeps its queue ${prefix}* by scripts: none of its keys are tracked. Empty it with queue.obliterate({ force: true }), or give the driver a kind with the pattern '${prefix}*' and remove it by predicate.`,
  )
}

export function isOfQueue(sink: CaptureSink, { id }: StoreSeen, key: Arg): boolean {
  const known = queues.get(sink)
  if (!known) return false
  const place = `${id} ${String(key)}`
  return known.values().some((queue) => place.startsWith(queue))
}
