/** Transactions of ioredis: `multi() … exec()`, which is a pipeline, and those sent command by command. */
import type { CaptureSink } from '@dustpan/core/driver'
import type { Command, Pipeline, Redis } from '../ioredis.ts'
import type { Arg } from '../keys.ts'
import { type Capture, type CommandState, commandState, type TrackedCommand } from './ioredis-command-state.ts'
import { watcherOf } from './ioredis-connection.ts'
import { listenTo, queueFollowUps, sendLookups } from './ioredis-wire.ts'
import { distinctLookups, KeyStates, transactionLabel } from './key-states.ts'
import { type Lookup, type Observed, observe } from './observed-command.ts'
import { openTransactions } from './open-transactions.ts'
import { beforeSelect, ruleOf } from './unknown.ts'
import { Watch } from './watch.ts'

/** A transaction in a pipeline: all keys that it may create are looked up before it begins. */
interface Transaction {
  readonly observed: readonly (Observed | undefined)[]
  readonly watch: Watch
  readonly states: KeyStates
  /** Keys to check after it. */
  readonly followUps: readonly Arg[]
  /** It was sent before, with unknown effect. */
  readonly isAgain: boolean
}

/** Open transactions, by the EXEC that ends them. */
const transactions = new WeakMap<Command, Transaction>()

export function beginTransaction(redis: Redis, multi: Command, state: CommandState, capture: Capture): readonly Arg[] {
  const end = state.pipeline && endOf(state.pipeline, multi)
  if (!end) {
    openTransactions.begin(redis.stream)
    return []
  }
  const inside = beforeSelect(capture.sink, end.inside, ({ name }) => name)
  const observed = inside.map((command) => observedIn(command, capture.sink))
  const first = observed.find((one) => one && one.keys.length > 0) ?? observed.find((one) => one !== undefined)
  const watcher = watcherOf(redis, state, capture)
  const begin = (end.inside[0] as TrackedCommand | undefined)?.[commandState]?.begin ?? state.begin
  const existing = transactions.get(end.exec)?.watch
  const watch = existing ?? (first && Watch.begin(watcher, begin, first, transactionLabel(observed)))
  if (!watch) return []
  if (!existing) watch.expect()
  const states = new KeyStates()
  const all = observed.flatMap((one) => one ?? [])
  transactions.set(end.exec, {
    observed,
    watch,
    states,
    followUps: watch.followUpKeys(all),
    isAgain: existing !== undefined,
  })
  const lookups = distinctLookups(all)
  return sendLookups(redis, watcher, lookups, (index, answer) => states.begin(lookups[index] as Lookup, answer))
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

export function endTransaction(redis: Redis, command: Command, state: CommandState): readonly Arg[] {
  openTransactions.end(redis.stream)
  const transaction = transactions.get(command)
  if (transaction) {
    const { watch, followUps } = transaction
    state.onSent = undefined
    queueFollowUps(redis, state, watch, followUps)
    listenTo(command, {
      answered: (replies) => settleTransaction(transaction, replies),
      refused: () => (transaction.isAgain ? transaction.watch.lost() : transaction.watch.rejected()),
      lost: () => transaction.watch.lost(),
    })
  }
  return []
}

/** The reply is null if a watched key had changed: then nothing was done. */
function settleTransaction({ observed, watch, states, isAgain }: Transaction, replies: unknown): void {
  if (Array.isArray(replies))
    for (const [index, one] of observed.entries()) {
      const reply: unknown = replies[index]
      if (!one || reply instanceof Error) continue
      watch.expect()
      states.follow(watch.answered(one, reply, states.existed, isAgain))
    }
  watch.rejected()
}
