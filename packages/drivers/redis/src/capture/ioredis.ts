/** The commands of ioredis: what must be asked goes out in the same write as the command, just before it. */
import type { CaptureSink, Method } from '@dustpan/core/driver'
import { ruleFor } from '../commands.ts'
import type { Cluster, Command, Pipeline, Redis, Writable } from '../ioredis.ts'
import type { Arg } from '../keys.ts'
import { apart } from './apart.ts'
import type { CaptureRules } from './capture-rules.ts'
import { watcherOf } from './ioredis-connection.ts'
import { type Capture, type Given, given, type Marked } from './ioredis-given.ts'
import { beginTransaction, endTransaction } from './ioredis-transaction.ts'
import { ask, lookBehind, settleWith } from './ioredis-wire.ts'
import { type Existed, type Observed, observe } from './observed.ts'
import { openByHand, warnOfOpen } from './open-by-hand.ts'
import { patch } from './patch.ts'
import { selectionOf, selects } from './selection.ts'
import { ruleOf } from './unknown.ts'
import { Watch, type Watcher } from './watch.ts'
import { joined } from './wire.ts'

/** Commands are sent by a connection, be it a client's or one of a cluster's. */
export function captureSending(target: object, sink: CaptureSink, rules: CaptureRules): Disposable {
  return patch(target, 'sendCommand', rules, (original, all) => {
    const capture = { sink, all }
    return function sendCommand(this: Redis, command: Command, stream?: unknown): unknown {
      const before = (command as Marked)[given]
      const known = before ?? (sink.active ? give(command, sink, sendCommand) : undefined)
      if (selects(command.name)) noteSelect(command, this)
      if (!known) return original.call(this, command, stream)
      arm(this, command, known, capture)
      const reply = original.call(this, command, stream)
      if (!before) keepLine(known, sink, sendCommand)
      const { sent } = known
      if (sent) {
        known.sent = undefined
        apart(sent)
      }
      return reply
    }
  })
}

/** A cluster sends a command by one of its connections, perhaps later. */
export function captureCluster(target: object, sink: CaptureSink, rules: CaptureRules): Disposable {
  return patch(target, 'sendCommand', rules, (original) => {
    return function sendCommand(this: Cluster, command: Command, ...rest: unknown[]): unknown {
      const before = (command as Marked)[given]
      const known = before ?? (sink.active ? give(command, sink, sendCommand) : undefined)
      if (known) known.cluster = this
      const reply = original.call(this, command, ...rest)
      if (known && !before) keepLine(known, sink, sendCommand)
      return reply
    }
  })
}

/** A pipeline sends its commands together, perhaps those of several tests. */
export function capturePipeline(target: object, sink: CaptureSink, rules: CaptureRules): Disposable {
  return patch(target, 'sendCommand', rules, (original) => {
    return function sendCommand(this: Pipeline, command: Command): unknown {
      if (sink.active && !(given in command)) give(command, sink, sendCommand, this)
      return original.call(this, command)
    }
  })
}

function give(command: Command, sink: CaptureSink, entry: Method, pipeline?: Pipeline): Given | undefined {
  const name = command.name.toLowerCase()
  const isBracket = name === 'multi' || name === 'exec' || name === 'discard'
  if (!isBracket && ruleFor(name, command.args) === 'creates-nothing') return undefined
  const one: Given = {
    begin: sink.beginHere(entry, pipeline && 'later'),
    pipeline,
    whose: pipeline && sink.whose?.()?.scope,
  }
  ;(command as Marked)[given] = one
  return one
}

/** What could not be written at once is announced when its call is over: who called is looked up now. */
function keepLine(known: Given, sink: CaptureSink, entry: Method): void {
  if (!known.isWritten) known.begin = sink.beginHere(entry, 'later')
}

/** The command is written as it is, after what is asked; that is decided when it is written. */
function arm(redis: Redis, command: Command, known: Given, capture: Capture): void {
  const plain = Object.getPrototypeOf(command).toWritable as (stream: unknown) => Arg
  const toWritable = (stream: unknown) => {
    known.isWritten = true
    known.behind = undefined
    const ahead = apart(() => askAhead(redis, command, known, capture)) ?? []
    const own = plain.call(command, stream)
    const { behind = [] } = known
    return (ahead.length + behind.length === 0 ? own : joined([...ahead, own, ...behind])) as Writable
  }
  ;(command as Marked).toWritable = toWritable
}

function askAhead(redis: Redis, command: Command, known: Given, capture: Capture): readonly Arg[] {
  const name = command.name.toLowerCase()
  if (name === 'multi') return beginTransaction(redis, command, known, capture)
  if (name === 'exec' || name === 'discard') return endTransaction(redis, command, known)
  if (command.inTransaction || openByHand.has(redis.stream)) return warnedOfOpen(redis, name, capture)
  const rule = ruleOf(capture.sink, name, command.args)
  if (!rule) return []
  const watcher = watcherOf(redis, known, capture)
  const observed = observe(name, rule, command.args)
  const isAgain = known.watch !== undefined
  const watch = known.watch ?? watchOf(watcher, known, observed)
  if (!watch) return []
  if (!isAgain) watch.expect()
  known.watch = watch
  const existed: ReturnType<Existed>[] = []
  const ahead = ask(redis, watcher, observed.asked, (index, answer) => {
    existed[index] = answer
  })
  known.sent = known.pipeline ? undefined : () => watch.foresee(observed)
  lookBehind(redis, known, watch, watch.toLookAfter([observed]))
  const over = (tell: () => void) => {
    known.watch = undefined
    tell()
  }
  settleWith(command, {
    answered: (reply) => over(() => void watch.answered(observed, reply, (_, index) => existed[index], isAgain)),
    refused: () => over(() => (isAgain ? watch.lost() : watch.rejected())),
    lost: () => over(() => watch.lost()),
  })
  return ahead
}

/** Whenever it is written, be it much later: what is sent from then on may be in another database. */
function noteSelect(command: Marked, redis: Redis): void {
  const plain = Object.getPrototypeOf(command).toWritable as (stream: unknown) => Writable
  command.toWritable = (stream) => {
    const heard = selectionOf.changes(redis.stream)
    settleWith(command, { answered: heard, refused() {}, lost() {} })
    if (command.name.toLowerCase() === 'reset') openByHand.end(redis.stream)
    return plain.call(command, stream)
  }
}

function warnedOfOpen(redis: Redis, name: string, { sink }: Capture): readonly Arg[] {
  if (openByHand.has(redis.stream)) warnOfOpen(sink, name)
  return []
}

/** Of a pipeline, one for each test that has commands in it. */
const watches = new WeakMap<Pipeline, Map<string | undefined, Watch>>()

function watchOf(watcher: Watcher, { begin, pipeline, whose }: Given, observed: Observed): Watch | undefined {
  if (!pipeline) return Watch.begin(watcher, begin, observed, observed.name.toUpperCase())
  const ofPipeline = watches.get(pipeline) ?? new Map<string | undefined, Watch>()
  watches.set(pipeline, ofPipeline)
  const place = `${whose} ${watcher.selection.id}`
  const open = ofPipeline.get(place)
  if (open && !open.isDone && (open.announces || observed.keys.length === 0)) return open
  const watch = Watch.begin(watcher, begin, observed, 'pipeline')
  if (watch && (open === undefined || open.isDone || watch.announces)) ofPipeline.set(place, watch)
  return watch
}
