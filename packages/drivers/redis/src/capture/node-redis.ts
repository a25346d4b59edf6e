/** Captures the commands of node-redis; lookups are queued just before the command, so that both go out in the same write. */
import { asOne, type CaptureSink, type Method } from '@dustpan/core/driver'
import type { Arg } from '../keys.ts'
import type { Asap, NodeClient } from '../node-redis.ts'
import type { CaptureRules } from './capture-rules.ts'
import { baseClient } from './node-redis-cluster.ts'
import { noteSelect } from './node-redis-database.ts'
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
import type { Existed } from './observed-command.ts'
import { openTransactions, warnOfOpenTransaction } from './open-transactions.ts'
import { patch } from './patch.ts'
import { safely } from './safely.ts'
import { Watch } from './watch.ts'
import { isServerError } from './wire.ts'

/** Captures single commands. */
export function captureSending(target: object, sink: CaptureSink, rules: CaptureRules): Disposable {
  return patch(target, 'sendCommand', rules, (original, all) => {
    const send = original as unknown as Sending
    const capture = { sink, all, send }
    return function sendCommand(this: NodeClient, args: readonly Arg[], options?: unknown): Promise<unknown> {
      const selected = noteSelect(this, args)
      noteMulti(this, args)
      if (selected) return notifying(selected, send.call(this, args, options))
      if (!sink.active || queueing.isLookup) return send.call(this, args, options)
      return sendTracked(this, args, isAsap(this, options), capture, sendCommand, () => send.call(this, args, options))
    }
  })
}

/**
 * In version 1 the command methods (`client.set()`) bypass every method that could be patched. All commands go through
 * the client's private queue, which is looked up when the client connects.
 */
export function captureOldClient(
  target: object,
  queue: object,
  queueOf: (client: NodeClient) => object | undefined,
  sink: CaptureSink,
  rules: CaptureRules,
): Disposable {
  const send = (target as NodeClient).sendCommand
  const connectPatch = patch(target, 'connect', rules, (original) => {
    return function connect(this: NodeClient, ...args: unknown[]): unknown {
      const own = queueOf(this)
      if (own) clientsByQueue.set(own, this)
      return original.call(this, ...args)
    }
  })
  const queuePatch = patch(queue, 'addCommand', rules, (original, all) => {
    const capture = { sink, all, send }
    const add = original as unknown as (this: object, ...args: unknown[]) => Promise<unknown>
    return function addCommand(this: object, args: readonly Arg[], ...rest: unknown[]): Promise<unknown> {
      const client = clientsByQueue.get(this)
      if (client && !queueing.isBatch) {
        const selected = noteSelect(client, args)
        noteMulti(client, args)
        if (selected) return notifying(selected, add.call(this, args, ...rest))
      }
      if (!client || !sink.active || queueing.isBatch || queueing.isLookup) return add.call(this, args, ...rest)
      return sendTracked(client, args, isAsap({}, rest[0]), capture, addCommand, () => add.call(this, args, ...rest))
    }
  })
  return asOne([connectPatch, queuePatch])
}

function notifying(answered: (reply: unknown) => void, reply: Promise<unknown>): Promise<unknown> {
  listen(reply, { answered, failed() {} })
  return reply
}

const clientsByQueue = new WeakMap<object, NodeClient>()

/** Binds a pool's tasks to their test: a waiting task runs when another one returns its client. */
export function capturePool(target: object, sink: CaptureSink, rules: CaptureRules): Disposable {
  return patch(target, 'execute', rules, (original) => {
    return function execute(this: never, work: (client: never) => unknown): unknown {
      return original.call(this, sink.active ? sink.bind(work) : work)
    }
  })
}

/** The lookups before and after a command, and the listener to its reply. `asap`: the lookups go to the front of the queue. */
interface Prepared {
  readonly sendLookups: (asap: boolean) => void
  readonly sendFollowUps: () => void
  readonly listener: ReplyListener
}

function sendTracked(
  client: NodeClient,
  args: readonly Arg[],
  asap: boolean,
  capture: Capture,
  entry: Method,
  send: () => Promise<unknown>,
): Promise<unknown> {
  const prepared = safely(() => prepare(client, args, capture, entry, asap))
  if (prepared && !asap) safely(() => prepared.sendLookups(asap))
  const reply = send()
  if (prepared) safely(prepared.sendFollowUps)
  // With asap, the lookups are queued last, so that they come before the command.
  if (prepared && asap) safely(() => prepared.sendLookups(asap))
  if (prepared) listen(reply, prepared.listener)
  return reply
}

const isAsap = ({ _commandOptions }: Partial<NodeClient>, options: unknown): boolean =>
  ({ ..._commandOptions, ...(options as Asap | undefined) }).asap === true

/** Notes where a transaction that is sent command by command begins and ends. */
function noteMulti(client: NodeClient, [name]: readonly Arg[]): void {
  const lower = String(name).toLowerCase()
  if (lower === 'multi') openTransactions.begin(baseClient(client))
  else if (transactionEnds.has(lower)) openTransactions.end(baseClient(client))
}

const transactionEnds: ReadonlySet<string> = new Set(['exec', 'discard', 'reset'])

function prepare(
  client: NodeClient,
  args: readonly Arg[],
  capture: Capture,
  entry: Method,
  asap: boolean,
): Prepared | undefined {
  if (!client.isOpen) return undefined
  if (openTransactions.has(baseClient(client))) {
    warnOfOpenTransaction(capture.sink, String(args[0]).toLowerCase())
    return undefined
  }
  const observed = observedIn(args, capture.sink)
  if (!observed) return undefined
  const watcher = watcherOf(client, capture, asap)
  const watch = Watch.begin(watcher, capture.sink.beginHere(entry), observed, observed.name.toUpperCase())
  if (!watch) return undefined
  watch.expect()
  const followUps = new FollowUps(watch, [observed])
  const existed: ReturnType<Existed>[] = []
  const onResult = (index: number, result: ReturnType<Existed>) => {
    existed[index] = result
  }
  return {
    sendLookups: (asap) => sendLookups(client, watcher, capture, observed.lookups, onResult, asap),
    sendFollowUps: () => followUps.send(client, watcher, capture),
    listener: {
      answered(reply) {
        watch.answered(observed, reply, (_, index) => existed[index])
        followUps.answered()
      },
      failed(error) {
        if (isServerError(error)) watch.rejected()
        else watch.lost()
        followUps.answered()
      },
    },
  }
}
