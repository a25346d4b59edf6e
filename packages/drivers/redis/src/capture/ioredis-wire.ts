/** What goes out with a command of ioredis, and how its answer is heard. */
import type { Command, Redis } from '../ioredis.ts'
import type { Arg } from '../keys.ts'
import { apart } from './apart.ts'
import type { Given } from './ioredis-given.ts'
import type { Asked, Existed } from './observed.ts'
import type { Watch, Watcher } from './watch.ts'
import { answerTo, introduction, isServerError, question, written } from './wire.ts'

type Hear = (index: number, existed: ReturnType<Existed>) => void

/** Which server and database it is where that is not known yet, then what is there. Their answers come before the command's. */
export function ask(redis: Redis, watcher: Watcher, asked: readonly Asked[], hear: Hear): readonly Arg[] {
  const questions = [...introduction(watcher), ...asked.map((one, index) => questionOf(one, index, hear))]
  enqueue(redis, questions)
  return questions.map(({ args }) => written(args))
}

/** What is asked in the same write behind a command, and waits for its answer behind it. */
export function lookBehind(redis: Redis, known: Given, watch: Watch, keys: readonly Arg[]): void {
  if (keys.length === 0) return
  const { sent } = known
  const questions = keys.map((key, index) => questionOf(key, index, (_, existed) => watch.lookedAfter(key, existed)))
  known.behind = questions.map(({ args }) => written(args))
  known.sent = () => {
    enqueue(redis, questions)
    sent?.()
  }
}

const questionOf = (one: Asked, index: number, hear: Hear) => ({
  args: question(one),
  heard: (reply: unknown) => hear(index, answerTo(one, reply)),
})

function enqueue(redis: Redis, questions: readonly ReturnType<typeof questionOf>[]): void {
  for (const { args, heard } of questions) {
    const command = new OwnCommand(args, heard) as unknown as Command
    redis.commandQueue.push({ command, stream: undefined, select: redis.condition?.select })
  }
}

/** As much of a command as the connection asks of one that waits for its answer. */
class OwnCommand {
  readonly name: string
  readonly args: readonly Arg[]
  readonly resolve: (reply: unknown) => void
  readonly reject: (error: unknown) => void
  inTransaction = false

  constructor([name, ...args]: readonly Arg[], answered: (reply: unknown) => void) {
    this.name = String(name).toLowerCase()
    this.args = args
    this.resolve = answered
    this.reject = answered
  }
}

/** What waits when the socket closes is sent again by the next one, and asked anew: ours would stand between the commands of a pipeline. */
export function takeBack({ commandQueue }: Redis): void {
  for (let left = commandQueue.length; left > 0; left--) {
    const item = commandQueue.shift()
    if (item && !(item.command instanceof OwnCommand)) commandQueue.push(item)
  }
}

export interface Hearing {
  answered(reply: unknown): void
  refused(): void
  lost(): void
}

/** The user has stopped waiting (`commandTimeout`); the answer may come yet. */
const timedOut = 'Command timed out'

/** By command: takes the hearing back. */
const hearings = new WeakMap<Command, () => void>()

/** The fact is on disk before the user hears of the answer. Of a command that is sent again the last hearing counts. */
export function settleWith(command: Command, hearing: Hearing): void {
  hearings.get(command)?.()
  const { resolve, reject } = command
  const takeBack = () => {
    command.resolve = resolve
    command.reject = reject
    hearings.delete(command)
  }
  hearings.set(command, takeBack)
  let open = true
  const once = (tell: () => void) => {
    if (open) apart(tell)
    open = false
  }
  command.resolve = (reply) => {
    once(() => hearing.answered(reply))
    resolve.call(command, reply)
  }
  command.reject = (error) => {
    if (error.message === timedOut) return reject.call(command, error)
    takeBack()
    once(() => (isServerError(error) ? hearing.refused() : hearing.lost()))
    reject.call(command, error)
  }
}
