/** Commands of node-redis that are sent together: transactions and pipelines. */
import type { CaptureSink, Method } from '@dustpan/core/driver'
import type { NodeClient, Queued } from '../node-redis.ts'
import { apart } from './apart.ts'
import type { CaptureRules } from './capture-rules.ts'
import { Course, keysAskedFor, transactionOf } from './course.ts'
import {
  ask,
  type Capture,
  type Hearing,
  hear,
  LookBehind,
  meanwhile,
  observedIn,
  type Sending,
  watcherOf,
} from './node-redis-asking.ts'
import { itself } from './node-redis-cluster.ts'
import { noteSelected } from './node-redis-database.ts'
import type { Asked, Observed } from './observed.ts'
import { openByHand } from './open-by-hand.ts'
import { patch } from './patch.ts'
import { beforeSelect } from './unknown.ts'
import { Watch } from './watch.ts'
import { isServerError } from './wire.ts'

type Executing = (this: NodeClient, commands: readonly Queued[], ...rest: unknown[]) => Promise<readonly unknown[]>

/** Commands that are sent together: a transaction or a pipeline, which version 1 tells apart by its third argument. */
export function captureTogether(
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
      const heard = apart(() => askAheadOfAll(this, commands, capture, executor, isPipeline))
      const each: Promise<unknown>[] = []
      meanwhile.isTogether = true
      const replies = execute.call(this, isPipeline ? keepingEach(commands, each) : commands, ...rest)
      meanwhile.isTogether = false
      if (heard) hear(replies, isOldTransaction ? lastOf(heard) : isPipeline ? oneByOne(heard, each) : heard)
      if (heard) apart(heard.lookBehind)
      noteSelected(this, commands)
      return replies
    }
  })
}

/** Of a pipeline in which one command fails the library answers with its error alone: what it gets for each is kept on the way. */
function keepingEach(commands: readonly Queued[], each: Promise<unknown>[]): readonly Queued[] {
  const map = (send: (command: Queued, index: number, all: readonly Queued[]) => unknown) => {
    const replies = commands.map(send)
    for (const reply of replies) if (reply instanceof Promise) each.push(reply)
    return replies
  }
  return Object.assign([...commands], { map } as Pick<Queued[], 'map'>)
}

function oneByOne({ answered, failed }: Hearing, each: readonly Promise<unknown>[]): Hearing {
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

/** Version 1 answers what MULTI and the commands in it were answered as well. */
function lastOf({ answered, failed }: Hearing): Hearing {
  return { answered: (replies) => answered((replies as readonly unknown[])[2]), failed }
}

function askAheadOfAll(
  client: NodeClient,
  commands: readonly Queued[],
  capture: Capture,
  entry: Method,
  isPipeline: boolean,
): (Hearing & { readonly lookBehind: () => void }) | undefined {
  if (openByHand.has(itself(client))) return undefined
  const here = beforeSelect(capture.sink, commands, ({ args }) => String(args[0]))
  const all = here.map(({ args }) => observedIn(args, capture.sink))
  const first = all.find((one) => one && one.keys.length > 0) ?? all.find((one) => one !== undefined)
  if (!first) return undefined
  const watcher = watcherOf(client, capture)
  const watch = Watch.begin(watcher, capture.sink.beginHere(entry), first, isPipeline ? 'pipeline' : transactionOf(all))
  if (!watch) return undefined
  watch.expect()
  const course = new Course()
  const asked = keysAskedFor(all.flatMap((one) => one ?? []))
  ask(client, watcher, capture, asked, (index, answer) => course.begin(asked[index] as Asked, answer))
  const behind = new LookBehind(watch, all)
  return {
    lookBehind: () => behind.ask(client, watcher, capture),
    answered(replies) {
      if (Array.isArray(replies)) follow(all, replies, watch, course)
      watch.rejected()
      behind.answered()
    },
    // Where a watched key had changed nothing was done; of a pipeline in which one command failed, the others may have been.
    failed: (error) =>
      isServerError(error) && !isPipeline ? watch.rejected() : isNothingDone(error) ? watch.rejected() : watch.lost(),
  }
}

function follow(
  all: readonly (Observed | undefined)[],
  replies: readonly unknown[],
  watch: Watch,
  course: Course,
): void {
  for (const [index, one] of all.entries()) {
    const reply = replies[index]
    if (!one || reply instanceof Error) continue
    watch.expect()
    course.follow(watch.answered(one, reply, course.existed))
  }
}

const isNothingDone = (error: unknown): boolean =>
  (error as { constructor?: { name?: string } })?.constructor?.name === 'WatchError'
