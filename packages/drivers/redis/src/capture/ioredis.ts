/** Captures the commands of ioredis; lookups go out in the same write as the command, just before it. */
import type { CaptureSink, Method } from '@dustpan/core/driver'
import { ruleFor } from '../commands.ts'
import type { Cluster, Command, Pipeline, Redis, Writable } from '../ioredis.ts'
import type { Arg } from '../keys.ts'
import type { CaptureRules } from './capture-rules.ts'
import { type Capture, type CommandState, commandState, type TrackedCommand } from './ioredis-command-state.ts'
import { watcherOf } from './ioredis-connection.ts'
import { beginTransaction, endTransaction } from './ioredis-transaction.ts'
import { listenTo, queueFollowUps, sendLookups } from './ioredis-wire.ts'
import { type Existed, type Observed, observe } from './observed-command.ts'
import { openTransactions, warnOfOpenTransaction } from './open-transactions.ts'
import { patch } from './patch.ts'
import { safely } from './safely.ts'
import { selectionOf, selects } from './selection.ts'
import { ruleOf } from './unknown.ts'
import { Watch, type Watcher } from './watch.ts'
import { joined } from './wire.ts'

/** Captures commands where a connection sends them, be it a client's or a cluster's. */
export function captureSending(target: object, sink: CaptureSink, rules: CaptureRules): Disposable {
  return patch(target, 'sendCommand', rules, (original, all) => {
    const capture = { sink, all }
    return function sendCommand(this: Redis, command: Command, stream?: unknown): unknown {
      const existing = (command as TrackedCommand)[commandState]
      const state = existing ?? (sink.active ? attachState(command, sink, sendCommand) : undefined)
      if (selects(command.name)) noteSelect(command, this)
      if (!state) return original.call(this, command, stream)
      attachLookups(this, command, state, capture)
      const reply = original.call(this, command, stream)
      if (!existing) keepCaller(state, sink, sendCommand)
      const { onSent } = state
      if (onSent) {
        state.onSent = undefined
        safely(onSent)
      }
      return reply
    }
  })
}

/** Captures calls on a cluster, which sends each command over one of its connections, perhaps later. */
export function captureCluster(target: object, sink: CaptureSink, rules: CaptureRules): Disposable {
  return patch(target, 'sendCommand', rules, (original) => {
    return function sendCommand(this: Cluster, command: Command, ...rest: unknown[]): unknown {
      const existing = (command as TrackedCommand)[commandState]
      const state = existing ?? (sink.active ? attachState(command, sink, sendCommand) : undefined)
      if (state) state.cluster = this
      const reply = original.call(this, command, ...rest)
      if (state && !existing) keepCaller(state, sink, sendCommand)
      return reply
    }
  })
}

/** Captures calls on a pipeline, which sends its commands together, perhaps those of several tests. */
export function capturePipeline(target: object, sink: CaptureSink, rules: CaptureRules): Disposable {
  return patch(target, 'sendCommand', rules, (original) => {
    return function sendCommand(this: Pipeline, command: Command): unknown {
      if (sink.active && !(commandState in command)) attachState(command, sink, sendCommand, this)
      return original.call(this, command)
    }
  })
}

function attachState(
  command: Command,
  sink: CaptureSink,
  entry: Method,
  pipeline?: Pipeline,
): CommandState | undefined {
  const name = command.name.toLowerCase()
  const isBracket = name === 'multi' || name === 'exec' || name === 'discard'
  if (!isBracket && ruleFor(name, command.args) === 'creates-nothing') return undefined
  const state: CommandState = {
    begin: sink.beginHere(entry, pipeline && 'later'),
    pipeline,
    scope: pipeline && sink.currentScope?.()?.scope,
  }
  ;(command as TrackedCommand)[commandState] = state
  return state
}

/** A command that was not written at once is announced after its call has returned, so the caller's line is looked up now. */
function keepCaller(state: CommandState, sink: CaptureSink, entry: Method): void {
  if (!state.isWritten) state.begin = sink.beginHere(entry, 'later')
}

/** Adds the lookups to the command; they are determined at the moment when it is written. */
function attachLookups(redis: Redis, command: Command, state: CommandState, capture: Capture): void {
  const original = Object.getPrototypeOf(command).toWritable as (stream: unknown) => Arg
  const toWritable = (stream: unknown) => {
    state.isWritten = true
    state.followUps = undefined
    const before = safely(() => lookupsBefore(redis, command, state, capture)) ?? []
    const own = original.call(command, stream)
    const { followUps = [] } = state
    return (before.length + followUps.length === 0 ? own : joined([...before, own, ...followUps])) as Writable
  }
  ;(command as TrackedCommand).toWritable = toWritable
}

function lookupsBefore(redis: Redis, command: Command, state: CommandState, capture: Capture): readonly Arg[] {
  const name = command.name.toLowerCase()
  if (name === 'multi') return beginTransaction(redis, command, state, capture)
  if (name === 'exec' || name === 'discard') return endTransaction(redis, command, state)
  if (command.inTransaction || openTransactions.has(redis.stream)) return skipOpenTransaction(redis, name, capture)
  const rule = ruleOf(capture.sink, name, command.args)
  if (!rule) return []
  const watcher = watcherOf(redis, state, capture)
  const observed = observe(name, rule, command.args)
  const isAgain = state.watch !== undefined
  const watch = state.watch ?? watchOf(watcher, state, observed)
  if (!watch) return []
  if (!isAgain) watch.expect()
  state.watch = watch
  const existed: ReturnType<Existed>[] = []
  const before = sendLookups(redis, watcher, observed.lookups, (index, result) => {
    existed[index] = result
  })
  state.onSent = state.pipeline ? undefined : () => watch.predict(observed)
  queueFollowUps(redis, state, watch, watch.followUpKeys([observed]))
  const finish = (notify: () => void) => {
    state.watch = undefined
    notify()
  }
  listenTo(command, {
    answered: (reply) => finish(() => void watch.answered(observed, reply, (_, index) => existed[index], isAgain)),
    refused: () => finish(() => (isAgain ? watch.lost() : watch.rejected())),
    lost: () => finish(() => watch.lost()),
  })
  return before
}

/** From the moment when SELECT or RESET is written, be it much later, commands may be in another database. */
function noteSelect(command: TrackedCommand, redis: Redis): void {
  const original = Object.getPrototypeOf(command).toWritable as (stream: unknown) => Writable
  command.toWritable = (stream) => {
    const onReply = selectionOf.changes(redis.stream)
    listenTo(command, { answered: onReply, refused() {}, lost() {} })
    if (command.name.toLowerCase() === 'reset') openTransactions.end(redis.stream)
    return original.call(command, stream)
  }
}

function skipOpenTransaction(redis: Redis, name: string, { sink }: Capture): readonly Arg[] {
  if (openTransactions.has(redis.stream)) warnOfOpenTransaction(sink, name)
  return []
}

/** By pipeline: one watch per test that has commands in it. */
const watches = new WeakMap<Pipeline, Map<string | undefined, Watch>>()

function watchOf(watcher: Watcher, { begin, pipeline, scope }: CommandState, observed: Observed): Watch | undefined {
  if (!pipeline) return Watch.begin(watcher, begin, observed, observed.name.toUpperCase())
  const ofPipeline = watches.get(pipeline) ?? new Map<string | undefined, Watch>()
  watches.set(pipeline, ofPipeline)
  const place = `${scope} ${watcher.selection.id}`
  const current = ofPipeline.get(place)
  if (current && !current.isDone && (current.isAnnounced || observed.keys.length === 0)) return current
  const watch = Watch.begin(watcher, begin, observed, 'pipeline')
  if (watch && (current === undefined || current.isDone || watch.isAnnounced)) ofPipeline.set(place, watch)
  return watch
}
