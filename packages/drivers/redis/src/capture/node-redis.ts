/** The commands of node-redis: what must be asked is queued just before the command, so that both go out in the same write. */
import { asOne, type CaptureSink, type Method } from '@dustpan/core/driver'
import type { Arg } from '../keys.ts'
import type { Asap, NodeClient } from '../node-redis.ts'
import { apart } from './apart.ts'
import type { CaptureRules } from './capture-rules.ts'
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
import { noteSelect } from './node-redis-database.ts'
import type { Existed } from './observed.ts'
import { openByHand, warnOfOpen } from './open-by-hand.ts'
import { patch } from './patch.ts'
import { Watch } from './watch.ts'
import { isServerError } from './wire.ts'

/** Single commands. */
export function captureSending(target: object, sink: CaptureSink, rules: CaptureRules): Disposable {
  return patch(target, 'sendCommand', rules, (original, all) => {
    const send = original as unknown as Sending
    const capture = { sink, all, send }
    return function sendCommand(this: NodeClient, args: readonly Arg[], options?: unknown): Promise<unknown> {
      const selected = noteSelect(this, args)
      noteMulti(this, args)
      if (selected) return heardBy(selected, send.call(this, args, options))
      if (!sink.active || meanwhile.isAsking) return send.call(this, args, options)
      return sent(this, args, isAsap(this, options), capture, sendCommand, () => send.call(this, args, options))
    }
  })
}

/**
 * Version 1 sends the commands that it has methods for past every method that could be replaced: all of its commands go into a queue that
 * belongs to the client alone, and is learned when the client connects.
 */
export function captureOldClient(
  target: object,
  queue: object,
  queueOf: (client: NodeClient) => object | undefined,
  sink: CaptureSink,
  rules: CaptureRules,
): Disposable {
  const send = (target as NodeClient).sendCommand
  const connecting = patch(target, 'connect', rules, (original) => {
    return function connect(this: NodeClient, ...args: unknown[]): unknown {
      const own = queueOf(this)
      if (own) clientsByQueue.set(own, this)
      return original.call(this, ...args)
    }
  })
  const queueing = patch(queue, 'addCommand', rules, (original, all) => {
    const capture = { sink, all, send }
    const add = original as unknown as (this: object, ...args: unknown[]) => Promise<unknown>
    return function addCommand(this: object, args: readonly Arg[], ...rest: unknown[]): Promise<unknown> {
      const client = clientsByQueue.get(this)
      if (client && !meanwhile.isTogether) {
        const selected = noteSelect(client, args)
        noteMulti(client, args)
        if (selected) return heardBy(selected, add.call(this, args, ...rest))
      }
      if (!client || !sink.active || meanwhile.isTogether || meanwhile.isAsking) return add.call(this, args, ...rest)
      return sent(client, args, isAsap({}, rest[0]), capture, addCommand, () => add.call(this, args, ...rest))
    }
  })
  return asOne([connecting, queueing])
}

function heardBy(answered: (reply: unknown) => void, reply: Promise<unknown>): Promise<unknown> {
  hear(reply, { answered, failed() {} })
  return reply
}

const clientsByQueue = new WeakMap<object, NodeClient>()

/** A pool runs what waits for a client when another one gives it back. */
export function capturePool(target: object, sink: CaptureSink, rules: CaptureRules): Disposable {
  return patch(target, 'execute', rules, (original) => {
    return function execute(this: never, work: (client: never) => unknown): unknown {
      return original.call(this, sink.active ? sink.bind(work) : work)
    }
  })
}

/** What is to be asked, and then what hears of it; `asap`: all of it goes to the front of the queue. */
interface Asking {
  readonly ask: (asap: boolean) => void
  /** Behind it. */
  readonly lookBehind: () => void
  readonly hearing: Hearing
}

function sent(
  client: NodeClient,
  args: readonly Arg[],
  asap: boolean,
  capture: Capture,
  entry: Method,
  send: () => Promise<unknown>,
): Promise<unknown> {
  const asking = apart(() => asked(client, args, capture, entry, asap))
  if (asking && !asap) apart(() => asking.ask(asap))
  const reply = send()
  if (asking) apart(asking.lookBehind)
  // What comes to the front last stands before what has come there.
  if (asking && asap) apart(() => asking.ask(asap))
  if (asking) hear(reply, asking.hearing)
  return reply
}

const isAsap = ({ _commandOptions }: Partial<NodeClient>, options: unknown): boolean =>
  ({ ..._commandOptions, ...(options as Asap | undefined) }).asap === true

/** What follows MULTI is within the transaction until it ends. */
function noteMulti(client: NodeClient, [name]: readonly Arg[]): void {
  const lower = String(name).toLowerCase()
  if (lower === 'multi') openByHand.begin(itself(client))
  else if (ending.has(lower)) openByHand.end(itself(client))
}

const ending: ReadonlySet<string> = new Set(['exec', 'discard', 'reset'])

function asked(
  client: NodeClient,
  args: readonly Arg[],
  capture: Capture,
  entry: Method,
  asap: boolean,
): Asking | undefined {
  if (!client.isOpen) return undefined
  if (openByHand.has(itself(client))) {
    warnOfOpen(capture.sink, String(args[0]).toLowerCase())
    return undefined
  }
  const observed = observedIn(args, capture.sink)
  if (!observed) return undefined
  const watcher = watcherOf(client, capture, asap)
  const watch = Watch.begin(watcher, capture.sink.beginHere(entry), observed, observed.name.toUpperCase())
  if (!watch) return undefined
  watch.expect()
  const behind = new LookBehind(watch, [observed])
  const existed: ReturnType<Existed>[] = []
  const heard = (index: number, answer: ReturnType<Existed>) => {
    existed[index] = answer
  }
  return {
    ask: (asap) => ask(client, watcher, capture, observed.asked, heard, asap),
    lookBehind: () => behind.ask(client, watcher, capture),
    hearing: {
      answered(reply) {
        watch.answered(observed, reply, (_, index) => existed[index])
        behind.answered()
      },
      failed(error) {
        if (isServerError(error)) watch.rejected()
        else watch.lost()
        behind.answered()
      },
    },
  }
}
