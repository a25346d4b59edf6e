/** Sends lookups along with a command of ioredis, and listens to the replies. */
import type { Command, Redis } from '../ioredis.ts'
import type { Arg } from '../keys.ts'
import type { CommandState } from './ioredis-command-state.ts'
import type { Existed, Lookup } from './observed-command.ts'
import { safely } from './safely.ts'
import type { Watch, Watcher } from './watch.ts'
import { encodeCommand, identityQueries, isServerError, lookupCommand, lookupResult } from './wire.ts'

type OnResult = (index: number, existed: ReturnType<Existed>) => void

/**
 * Sends lookups ahead of a command, after the server and database queries if those are unknown. Their replies arrive
 * before the command's.
 */
export function sendLookups(
  redis: Redis,
  watcher: Watcher,
  lookups: readonly Lookup[],
  onResult: OnResult,
): readonly Arg[] {
  const queries = [...identityQueries(watcher), ...lookups.map((one, index) => lookupQuery(one, index, onResult))]
  enqueue(redis, queries)
  return queries.map(({ args }) => encodeCommand(args))
}

/** Sends lookups after a command, in the same write. */
export function queueFollowUps(redis: Redis, state: CommandState, watch: Watch, keys: readonly Arg[]): void {
  if (keys.length === 0) return
  const { onSent } = state
  const queries = keys.map((key, index) =>
    lookupQuery(key, index, (_, existed) => watch.followUpAnswered(key, existed)),
  )
  state.followUps = queries.map(({ args }) => encodeCommand(args))
  state.onSent = () => {
    enqueue(redis, queries)
    onSent?.()
  }
}

const lookupQuery = (one: Lookup, index: number, onResult: OnResult) => ({
  args: lookupCommand(one),
  onReply: (reply: unknown) => onResult(index, lookupResult(one, reply)),
})

function enqueue(redis: Redis, queries: readonly ReturnType<typeof lookupQuery>[]): void {
  for (const { args, onReply } of queries) {
    const command = new OwnCommand(args, onReply) as unknown as Command
    redis.commandQueue.push({ command, stream: undefined, select: redis.condition?.select })
  }
}

/** The part of ioredis' Command that a connection needs of a command in its queue. */
class OwnCommand {
  readonly name: string
  readonly args: readonly Arg[]
  readonly resolve: (reply: unknown) => void
  readonly reject: (error: unknown) => void
  inTransaction = false

  constructor([name, ...args]: readonly Arg[], onReply: (reply: unknown) => void) {
    this.name = String(name).toLowerCase()
    this.args = args
    this.resolve = onReply
    this.reject = onReply
  }
}

/**
 * Drops our lookups when the socket closes: ioredis resends the queue, with new lookups, and ours would come between a
 * pipeline's commands.
 */
export function dropLookups({ commandQueue }: Redis): void {
  for (let left = commandQueue.length; left > 0; left--) {
    const item = commandQueue.shift()
    if (item && !(item.command instanceof OwnCommand)) commandQueue.push(item)
  }
}

export interface ReplyListener {
  answered(reply: unknown): void
  refused(): void
  lost(): void
}

/** With this error (`commandTimeout`) the user has stopped waiting; the reply may still arrive. */
const timedOut = 'Command timed out'

/** By command: removes its listener. */
const removals = new WeakMap<Command, () => void>()

/**
 * Listens to the reply of a command; the record is on disk before the user gets the reply. A later listener replaces an
 * earlier one.
 */
export function listenTo(command: Command, listener: ReplyListener): void {
  removals.get(command)?.()
  const { resolve, reject } = command
  const restore = () => {
    command.resolve = resolve
    command.reject = reject
    removals.delete(command)
  }
  removals.set(command, restore)
  let isWaiting = true
  const once = (notify: () => void) => {
    if (isWaiting) safely(notify)
    isWaiting = false
  }
  command.resolve = (reply) => {
    once(() => listener.answered(reply))
    resolve.call(command, reply)
  }
  command.reject = (error) => {
    if (error.message === timedOut) return reject.call(command, error)
    restore()
    once(() => (isServerError(error) ? listener.refused() : listener.lost()))
    reject.call(command, error)
  }
}
