/** What is asked of a client of node-redis ahead of the user's commands: queued just before them, so that all go out in the same write. */
import { type CaptureSink, decidingRules } from '@dustpan/core/driver'
import type { Arg } from '../keys.ts'
import type { NodeClient } from '../node-redis.ts'
import { rememberClient } from '../removal/settings.ts'
import { apart } from './apart.ts'
import { type CaptureRules, everything } from './capture-rules.ts'
import { Connection, type Where } from './connection.ts'
import { clusterOf, itself } from './node-redis-cluster.ts'
import { databaseOf } from './node-redis-database.ts'
import { type Asked, type Existed, type Observed, observe } from './observed.ts'
import { openByHand } from './open-by-hand.ts'
import { Selection, selectionOf } from './selection.ts'
import { ruleOf } from './unknown.ts'
import type { Watch, Watcher } from './watch.ts'
import { answerTo, introduction, question } from './wire.ts'

export interface Capture {
  readonly sink: CaptureSink
  readonly all: ReadonlySet<CaptureRules>
  /** How the library itself sends a command. */
  readonly send: NodeClient['sendCommand']
}

export type Sending = (this: NodeClient, args: readonly Arg[], options?: unknown) => Promise<unknown>

export interface Hearing {
  answered(reply: unknown): void
  failed(error: unknown): void
}

/** Before whoever asked: they are told in the order in which they began to wait. */
export function hear(reply: Promise<unknown>, hearing: Hearing): void {
  reply.then(
    (answer) => apart(() => hearing.answered(answer)),
    (error) => apart(() => hearing.failed(error)),
  )
}

/** Commands that are queued meanwhile are not single ones of the user's. */
export const meanwhile = { isAsking: false, isTogether: false }

export function observedIn([name, ...args]: readonly Arg[], sink: CaptureSink): Observed | undefined {
  const lower = String(name).toLowerCase()
  const rule = ruleOf(sink, lower, args)
  return rule && observe(lower, rule, args)
}

export function ask(
  client: NodeClient,
  watcher: Watcher,
  { send, sink }: Capture,
  asked: readonly Asked[],
  hear: (index: number, existed: ReturnType<Existed>) => void,
  asap = false,
): void {
  const queue = (args: readonly Arg[], answered: (reply: unknown) => void) => {
    meanwhile.isAsking = true
    send.call(client, args, { asap }).then(answered, answered)
    meanwhile.isAsking = false
  }
  if (isLimited(client, sink)) {
    for (const index of asked.keys()) hear(index, 'unasked')
    return
  }
  for (const { args, heard } of introduction(watcher)) queue(args, heard)
  for (const [index, one] of asked.entries()) queue(question(one), (reply) => hear(index, answerTo(one, reply)))
}

/** What commands may have deleted or emptied is asked behind them; the answer may be heard before theirs, and counts after it. */
export class LookBehind {
  readonly #watch: Watch
  readonly #keys: readonly Arg[]
  #heard: [key: Arg, existed: ReturnType<Existed>][] | undefined = []

  constructor(watch: Watch, all: readonly (Observed | undefined)[]) {
    this.#watch = watch
    this.#keys = watch.toLookAfter(all.flatMap((one) => one ?? []))
  }

  ask(client: NodeClient, watcher: Watcher, capture: Capture): void {
    if (this.#keys.length > 0)
      ask(client, watcher, capture, this.#keys, (index, existed) => this.#hear(this.#keys[index] as Arg, existed))
  }

  answered(): void {
    const heard = this.#heard ?? []
    this.#heard = undefined
    for (const [key, existed] of heard) this.#watch.lookedAfter(key, existed)
  }

  #hear(key: Arg, existed: ReturnType<Existed>): void {
    if (this.#heard) this.#heard.push([key, existed])
    else this.#watch.lookedAfter(key, existed)
  }
}

/** What is asked takes places in the queue that the user's own commands may need. */
function isLimited({ options }: NodeClient, sink: CaptureSink): boolean {
  if (!options?.commandsQueueMaxLength) return false
  const message =
    'A client with commandsQueueMaxLength has no room for additional commands: Dustpan tracks only those of its keys whose reply proves that they are new (such as SET … NX)'
  sink.warn('DUSTPAN_KEY_UNATTRIBUTED', 'commandsQueueMaxLength', message)
  return true
}

const connections = new WeakMap<object, Connection>()

/** What goes to the front of the queue goes out before a SELECT that waits in it: what is heard then holds for nothing else. */
export function watcherOf(given: NodeClient, { sink, all }: Capture, asap = false): Watcher {
  const client = itself(given)
  const connection = connections.get(client) ?? connect(client)
  const database = databaseOf(client)
  const selection = asap ? new Selection(database, () => false) : selectionOf.now(client, database, true)
  return { sink, connection, selection, rules: (store) => decidingRules(all, store) ?? everything }
}

function connect(client: NodeClient): Connection {
  const options = client.options ?? {}
  const connection = new Connection(clusterOf(client) ?? whereOf(client))
  connections.set(client, connection)
  client.on('connect', () => {
    connection.forget()
    selectionOf.forget(client)
    openByHand.end(client)
  })
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
