/** Transactions of ioredis: `multi() … exec()`, which is a pipeline, and those that are sent command by command. */
import type { CaptureSink } from '@dustpan/core/driver'
import type { Command, Pipeline, Redis } from '../ioredis.ts'
import type { Arg } from '../keys.ts'
import { Course, keysAskedFor, transactionOf } from './course.ts'
import { watcherOf } from './ioredis-connection.ts'
import { type Capture, type Given, given, type Marked } from './ioredis-given.ts'
import { ask, lookBehind, settleWith } from './ioredis-wire.ts'
import { type Asked, type Observed, observe } from './observed.ts'
import { openByHand } from './open-by-hand.ts'
import { beforeSelect, ruleOf } from './unknown.ts'
import { Watch } from './watch.ts'

/** A transaction of a pipeline: all that it may create is asked before it begins. */
interface Transaction {
  readonly observed: readonly (Observed | undefined)[]
  readonly watch: Watch
  readonly course: Course
  /** To be looked at when it is over. */
  readonly askedAfter: readonly Arg[]
  /** It was sent before, and nobody knows what came of that. */
  readonly isAgain: boolean
}

/** By the command EXEC that ends it. */
const transactions = new WeakMap<Command, Transaction>()

export function beginTransaction(redis: Redis, multi: Command, known: Given, capture: Capture): readonly Arg[] {
  const end = known.pipeline && endOf(known.pipeline, multi)
  if (!end) {
    openByHand.begin(redis.stream)
    return []
  }
  const inside = beforeSelect(capture.sink, end.inside, ({ name }) => name)
  const observed = inside.map((command) => observedIn(command, capture.sink))
  const first = observed.find((one) => one && one.keys.length > 0) ?? observed.find((one) => one !== undefined)
  const watcher = watcherOf(redis, known, capture)
  const begin = (end.inside[0] as Marked | undefined)?.[given]?.begin ?? known.begin
  const before = transactions.get(end.exec)?.watch
  const watch = before ?? (first && Watch.begin(watcher, begin, first, transactionOf(observed)))
  if (!watch) return []
  if (!before) watch.expect()
  const course = new Course()
  const all = observed.flatMap((one) => one ?? [])
  transactions.set(end.exec, {
    observed,
    watch,
    course,
    askedAfter: watch.toLookAfter(all),
    isAgain: before !== undefined,
  })
  const asked = keysAskedFor(all)
  return ask(redis, watcher, asked, (index, answer) => course.begin(asked[index] as Asked, answer))
}

function endOf(
  pipeline: Pipeline,
  multi: Command,
): { readonly inside: readonly Command[]; readonly exec: Command } | undefined {
  const from = pipeline._queue.indexOf(multi)
  const to = pipeline._queue.findIndex((command, index) => index > from && command.name.toLowerCase() === 'exec')
  const exec = pipeline._queue[to]
  return exec && { inside: pipeline._queue.slice(from + 1, to), exec }
}

function observedIn(command: Command, sink: CaptureSink): Observed | undefined {
  const name = command.name.toLowerCase()
  const rule = ruleOf(sink, name, command.args)
  return rule && observe(name, rule, command.args)
}

export function endTransaction(redis: Redis, command: Command, known: Given): readonly Arg[] {
  openByHand.end(redis.stream)
  const transaction = transactions.get(command)
  if (transaction) {
    const { watch, askedAfter } = transaction
    known.sent = undefined
    lookBehind(redis, known, watch, askedAfter)
    settleWith(command, {
      answered: (replies) => settleTransaction(transaction, replies),
      refused: () => (transaction.isAgain ? transaction.watch.lost() : transaction.watch.rejected()),
      lost: () => transaction.watch.lost(),
    })
  }
  return []
}

/** Null where a watched key had changed: then nothing was done. */
function settleTransaction({ observed, watch, course, isAgain }: Transaction, replies: unknown): void {
  if (Array.isArray(replies))
    for (const [index, one] of observed.entries()) {
      const reply: unknown = replies[index]
      if (!one || reply instanceof Error) continue
      watch.expect()
      course.follow(watch.answered(one, reply, course.existed, isAgain))
    }
  watch.rejected()
}
