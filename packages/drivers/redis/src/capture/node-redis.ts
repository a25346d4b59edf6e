/** The commands of node-redis: what must be asked is queued just before the command, so that both go out in the same write. */
import { asOne, type CaptureSink, decidingRules, type Method } from '@dustpan/core/driver'
import { ruleFor } from '../commands.ts'
import type { Arg } from '../keys.ts'
import type { NodeClient, Queued } from '../node-redis.ts'
import { rememberClient } from '../removal/settings.ts'
import { apart } from './apart.ts'
import { type CaptureRules, everything } from './capture-rules.ts'
import { Connection, type Where } from './connection.ts'
import { clusterOf, itself } from './node-redis-cluster.ts'
import { databaseOf, noteSelect, noteSelected } from './node-redis-database.ts'
import { asksFor, type Observed, observe } from './observed.ts'
import { patch } from './patch.ts'
import { beforeSelect, warnOfUnknown } from './unknown.ts'
import { Course, keysAskedFor, Watch, type Watcher } from './watch.ts'
import { existedBy, isServerError } from './wire.ts'

interface Capture {
  readonly sink: CaptureSink
  readonly all: ReadonlySet<CaptureRules>
  /** How the library itself sends a command. */
  readonly send: NodeClient['sendCommand']
}

type Sending = (this: NodeClient, args: readonly Arg[], options?: unknown) => Promise<unknown>

/** Single commands. */
export function captureSending(target: object, sink: CaptureSink, rules: CaptureRules): Disposable {
  return patch(target, 'sendCommand', rules, (original, all) => {
    const send = original as unknown as Sending
    const capture = { sink, all, send }
    return function sendCommand(this: NodeClient, args: readonly Arg[], options?: unknown): Promise<unknown> {
      noteSelect(this, args)
      if (!sink.active || isAsking) return send.call(this, args, options)
      const hearing = apart(() => askAhead(this, args, capture, sendCommand))
      const reply = send.call(this, args, options)
      if (hearing) hear(reply, hearing)
      return reply
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
      if (!client || !sink.active || isTogether || isAsking) return add.call(this, args, ...rest)
      const hearing = apart(() => askAhead(client, args, capture, addCommand))
      const reply = add.call(this, args, ...rest)
      if (hearing) hear(reply, hearing)
      return reply
    }
  })
  return asOne([connecting, queueing])
}

const clientsByQueue = new WeakMap<object, NodeClient>()
/** While a transaction or a pipeline puts its commands into the queue. */
let isTogether = false

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
      if (!sink.active || !this.isOpen) return execute.call(this, commands, ...rest)
      const isOldTransaction = name === 'multiExecutor' && rest[1] !== undefined
      const isPipeline = name === '_executePipeline' || (name === 'multiExecutor' && !isOldTransaction)
      const heard = apart(() => askAheadOfAll(this, commands, capture, executor, isPipeline))
      isTogether = true
      const replies = execute.call(this, commands, ...rest)
      isTogether = false
      if (heard) hear(replies, isOldTransaction ? lastOf(heard) : heard)
      noteSelected(this, rest[0])
      return replies
    }
  })
}

/** Version 1 answers what MULTI and the commands in it were answered as well. */
function lastOf({ answered, failed }: Hearing): Hearing {
  return { answered: (replies) => answered((replies as readonly unknown[])[2]), failed }
}

/** A pool runs what waits for a client when another one gives it back. */
export function capturePool(target: object, sink: CaptureSink, rules: CaptureRules): Disposable {
  return patch(target, 'execute', rules, (original) => {
    return function execute(this: never, work: (client: never) => unknown): unknown {
      return original.call(this, sink.active ? sink.bind(work) : work)
    }
  })
}

interface Hearing {
  answered(reply: unknown): void
  failed(error: unknown): void
}

/** Before whoever asked: they are told in the order in which they began to wait. */
function hear(reply: Promise<unknown>, hearing: Hearing): void {
  reply.then(
    (answer) => apart(() => hearing.answered(answer)),
    (error) => apart(() => hearing.failed(error)),
  )
}

function askAhead(client: NodeClient, args: readonly Arg[], capture: Capture, entry: Method): Hearing | undefined {
  if (!client.isOpen) return undefined
  const observed = observedIn(args, capture.sink)
  if (!observed) return undefined
  const watcher = watcherOf(client, capture)
  const watch = Watch.begin(watcher, capture.sink.beginHere(entry), observed, observed.name.toUpperCase())
  if (!watch) return undefined
  watch.expect()
  const existed: (boolean | undefined)[] = []
  ask(client, watcher, capture, asksFor(observed), (index, answer) => {
    existed[index] = answer
  })
  return {
    answered: (reply) => void watch.answered(observed, reply, (_, index) => existed[index]),
    failed: (error) => (isServerError(error) ? watch.rejected() : watch.lost()),
  }
}

function askAheadOfAll(
  client: NodeClient,
  commands: readonly Queued[],
  capture: Capture,
  entry: Method,
  isPipeline: boolean,
): Hearing | undefined {
  const here = beforeSelect(capture.sink, commands, ({ args }) => String(args[0]))
  const all = here.map(({ args }) => observedIn(args, capture.sink))
  const first = all.find((one) => one && one.keys.length > 0) ?? all.find((one) => one !== undefined)
  if (!first) return undefined
  const watcher = watcherOf(client, capture)
  const watch = Watch.begin(watcher, capture.sink.beginHere(entry), first, isPipeline ? 'pipeline' : 'MULTI')
  if (!watch) return undefined
  watch.expect()
  const course = new Course()
  const keys = keysAskedFor(all.flatMap((one) => one ?? []))
  ask(client, watcher, capture, keys, (index, answer) => course.begin(keys[index] as Arg, answer))
  return {
    answered(replies) {
      if (Array.isArray(replies)) follow(all, replies, watch, course)
      watch.rejected()
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

function observedIn([name, ...args]: readonly Arg[], sink: CaptureSink): Observed | undefined {
  const lower = String(name).toLowerCase()
  const rule = ruleFor(lower, args)
  if (rule === 'cannot-tell') warnOfUnknown(sink, lower)
  return typeof rule === 'string' ? undefined : observe(lower, rule, args, rule.moves ? sink.known() : undefined)
}

/** While our own commands go through the same method. */
let isAsking = false

function ask(
  client: NodeClient,
  { connection }: Watcher,
  { send, sink }: Capture,
  keys: readonly Arg[],
  hear: (index: number, existed: boolean | undefined) => void,
): void {
  const queue = (args: readonly Arg[], answered: (reply: unknown) => void) => {
    isAsking = true
    send.call(client, args, {}).then(answered, answered)
    isAsking = false
  }
  if (isLimited(client, sink)) return
  if (connection.isUnknown)
    for (const section of ['server', 'replication']) queue(['INFO', section], (reply) => connection.learn(reply))
  for (const [index, key] of keys.entries()) queue(['EXISTS', key], (reply) => hear(index, existedBy(reply)))
}

/** What is asked takes places in the queue that the user's own commands may need. */
function isLimited({ options }: NodeClient, sink: CaptureSink): boolean {
  if (!options?.commandsQueueMaxLength) return false
  const message =
    'A client with commandsQueueMaxLength has no room for questions: of the keys that it writes only those are tracked of which the answer tells that they are new (SET … NX)'
  sink.warn('DUSTPAN_KEY_UNATTRIBUTED', 'commandsQueueMaxLength', message)
  return true
}

const connections = new WeakMap<object, Connection>()

function watcherOf(given: NodeClient, { sink, all }: Capture): Watcher {
  const client = itself(given)
  const connection = connections.get(client) ?? connect(client)
  const database = databaseOf(client)
  return { sink, connection, database, rules: (store) => decidingRules(all, store) ?? everything }
}

function connect(client: NodeClient): Connection {
  const options = client.options ?? {}
  const connection = new Connection(clusterOf(client) ?? whereOf(client))
  connections.set(client, connection)
  client.on('connect', () => connection.forget())
  rememberClient(connection.where, {
    ...options.socket,
    ...(options.username === undefined ? {} : { username: options.username }),
    ...(options.password === undefined ? {} : { password: options.password }),
  })
  return connection
}

function whereOf({ options }: NodeClient): Where {
  const { path, host = 'localhost', port = 6379 } = options?.socket ?? {}
  return { nodes: [path ? { host: path, port: 0 } : { host, port }], cluster: false }
}
