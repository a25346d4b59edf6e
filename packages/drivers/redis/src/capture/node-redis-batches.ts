/** Captures batches of node-redis: transactions and pipelines. */
import type { CaptureSink, Method } from '@dustpan/core/driver'
import type { NodeClient, Queued } from '../node-redis.ts'
import type { CaptureRules } from './capture-rules.ts'
import { distinctLookups, KeyStates, transactionLabel } from './key-states.ts'
import { baseClient } from './node-redis-cluster.ts'
import { noteSelected } from './node-redis-database.ts'
import {
  type Capture,
  FollowUps,
  listen,
  observedIn,
  queueing,
  type ReplyListener,
  type Sending,
  sendLookups,
  watcherOf,
} from './node-redis-lookups.ts'
import type { Lookup, Observed } from './observed-command.ts'
import { openTransactions } from './open-transactions.ts'
import { patch } from './patch.ts'
import { safely } from './safely.ts'
import { beforeSelect } from './unknown.ts'
import { Watch } from './watch.ts'
import { isServerError } from './wire.ts'

type Executing = (this: NodeClient, commands: readonly Queued[], ...rest: unknown[]) => Promise<readonly unknown[]>

/** Captures a transaction or a pipeline; version 1 has one method for both, with a third argument for transactions. */
export function captureBatches(
  target: object,
  name: '_executeMulti' | '_executePipeline' | 'multiExecutor',
  sink: CaptureSink,
  rules: CaptureRules,
  send: Sending,
): Disposable {
  return patch(target, name, rules, (original, all) => {
    const capture = { sink, all, send }
    const execute = original as unknown as Executing
    return function executor(this: NodeClient, commands: readonly Queued[], ...rest: unknown[]) {
      if (!sink.active || !this.isOpen) {
        noteSelected(this, commands)
        return execute.call(this, commands, ...rest)
      }
      const isOldTransaction = name === 'multiExecutor' && rest[1] !== undefined
      const isPipeline = name === '_executePipeline' || (name === 'multiExecutor' && !isOldTransaction)
      const listener = safely(() => prepareBatch(this, commands, capture, executor, isPipeline))
      const each: Promise<unknown>[] = []
      queueing.isBatch = true
      const replies = execute.call(this, isPipeline ? collectingReplies(commands, each) : commands, ...rest)
      queueing.isBatch = false
      if (listener)
        listen(
          replies,
          isOldTransaction ? ofTransaction(listener) : isPipeline ? withEachReply(listener, each) : listener,
        )
      if (listener) safely(listener.sendFollowUps)
      noteSelected(this, commands)
      return replies
    }
  })
}

/** Collects each command's reply: if one command of a pipeline fails, the library rejects with its error alone. */
function collectingReplies(commands: readonly Queued[], each: Promise<unknown>[]): readonly Queued[] {
  const map = (send: (command: Queued, index: number, all: readonly Queued[]) => unknown) => {
    const replies = commands.map(send)
    for (const reply of replies) if (reply instanceof Promise) each.push(reply)
    return replies
  }
  return Object.assign([...commands], { map } as Pick<Queued[], 'map'>)
}

function withEachReply({ answered, failed }: ReplyListener, each: readonly Promise<unknown>[]): ReplyListener {
  return {
    answered,
    async failed(error) {
      const replies = await Promise.allSettled(each)
      const errors = replies.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []))
      if (replies.length === 0 || !errors.every(isServerError)) failed(error)
      else answered(replies.map((one) => (one.status === 'rejected' ? asError(one.reason) : one.value)))
    },
  }
}

const asError = (reason: unknown) => (reason instanceof Error ? reason : new Error(String(reason)))

/** Version 1 also returns the replies to MULTI and to the queued commands; EXEC's is the third. */
function ofTransaction({ answered, failed }: ReplyListener): ReplyListener {
  return { answered: (replies) => answered((replies as readonly unknown[])[2]), failed }
}

function prepareBatch(
  client: NodeClient,
  commands: readonly Queued[],
  capture: Capture,
  entry: Method,
  isPipeline: boolean,
): (ReplyListener & { readonly sendFollowUps: () => void }) | undefined {
  if (openTransactions.has(baseClient(client))) return undefined
  const covered = beforeSelect(capture.sink, commands, ({ args }) => String(args[0]))
  const all = covered.map(({ args }) => observedIn(args, capture.sink))
  const first = all.find((one) => one && one.keys.length > 0) ?? all.find((one) => one !== undefined)
  if (!first) return undefined
  const watcher = watcherOf(client, capture)
  const watch = Watch.begin(
    watcher,
    capture.sink.beginHere(entry),
    first,
    isPipeline ? 'pipeline' : transactionLabel(all),
  )
  if (!watch) return undefined
  watch.expect()
  const states = new KeyStates()
  const lookups = distinctLookups(all.flatMap((one) => one ?? []))
  sendLookups(client, watcher, capture, lookups, (index, answer) => states.begin(lookups[index] as Lookup, answer))
  const followUps = new FollowUps(watch, all)
  return {
    sendFollowUps: () => followUps.send(client, watcher, capture),
    answered(replies) {
      if (Array.isArray(replies)) applyReplies(all, replies, watch, states)
      watch.rejected()
      followUps.answered()
    },
    // If a watched key had changed, nothing was done; if one command of a pipeline failed, the others may have been carried out.
    failed: (error) =>
      isServerError(error) && !isPipeline ? watch.rejected() : isNothingDone(error) ? watch.rejected() : watch.lost(),
  }
}

function applyReplies(
  all: readonly (Observed | undefined)[],
  replies: readonly unknown[],
  watch: Watch,
  states: KeyStates,
): void {
  for (const [index, one] of all.entries()) {
    const reply = replies[index]
    if (!one || reply instanceof Error) continue
    watch.expect()
    states.follow(watch.answered(one, reply, states.existed))
  }
}

const isNothingDone = (error: unknown): boolean =>
  (error as { constructor?: { name?: string } })?.constructor?.name === 'WatchError'
