/** Lookups by a client of node-redis, queued just before the user's commands, so that all go out in the same write. */
import { type CaptureSink, decidingRules } from '@dustpan/core/driver'
import type { Arg } from '../keys.ts'
import type { NodeClient } from '../node-redis.ts'
import { rememberClient } from '../removal/settings.ts'
import { type CaptureRules, everything } from './capture-rules.ts'
import { Connection, type ServerLocation } from './connection.ts'
import { baseClient, clusterOf } from './node-redis-cluster.ts'
import { databaseOf } from './node-redis-database.ts'
import { type Existed, type Lookup, type Observed, observe } from './observed-command.ts'
import { openTransactions } from './open-transactions.ts'
import { safely } from './safely.ts'
import { Selection, selectionOf } from './selection.ts'
import { ruleOf } from './unknown.ts'
import type { Watch, Watcher } from './watch.ts'
import { identityQueries, lookupCommand, lookupResult } from './wire.ts'

export interface Capture {
  readonly sink: CaptureSink
  readonly all: ReadonlySet<CaptureRules>
  /** The library's own `sendCommand`. */
  readonly send: NodeClient['sendCommand']
}

export type Sending = (this: NodeClient, args: readonly Arg[], options?: unknown) => Promise<unknown>

export interface ReplyListener {
  answered(reply: unknown): void
  failed(error: unknown): void
}

/** Runs before the user's handlers: a promise calls its handlers in the order in which they were added. */
export function listen(reply: Promise<unknown>, listener: ReplyListener): void {
  reply.then(
    (answer) => safely(() => listener.answered(answer)),
    (error) => safely(() => listener.failed(error)),
  )
}

/** While set, the commands that are queued are our lookups, or parts of a batch, not single commands of the user. */
export const queueing = { isLookup: false, isBatch: false }

export function observedIn([name, ...args]: readonly Arg[], sink: CaptureSink): Observed | undefined {
  const lower = String(name).toLowerCase()
  const rule = ruleOf(sink, lower, args)
  return rule && observe(lower, rule, args)
}

export function sendLookups(
  client: NodeClient,
  watcher: Watcher,
  { send, sink }: Capture,
  lookups: readonly Lookup[],
  onResult: (index: number, existed: ReturnType<Existed>) => void,
  asap = false,
): void {
  const queue = (args: readonly Arg[], answered: (reply: unknown) => void) => {
    queueing.isLookup = true
    send.call(client, args, { asap }).then(answered, answered)
    queueing.isLookup = false
  }
  if (isLimited(client, sink)) {
    for (const index of lookups.keys()) onResult(index, 'unasked')
    return
  }
  for (const { args, onReply } of identityQueries(watcher)) queue(args, onReply)
  for (const [index, one] of lookups.entries())
    queue(lookupCommand(one), (reply) => onResult(index, lookupResult(one, reply)))
}

/**
 * Looks up keys that commands may have deleted or emptied. Results that arrive before the commands' replies are held
 * back until then.
 */
export class FollowUps {
  readonly #watch: Watch
  readonly #keys: readonly Arg[]
  #early: [key: Arg, existed: ReturnType<Existed>][] | undefined = []

  constructor(watch: Watch, all: readonly (Observed | undefined)[]) {
    this.#watch = watch
    this.#keys = watch.followUpKeys(all.flatMap((one) => one ?? []))
  }

  send(client: NodeClient, watcher: Watcher, capture: Capture): void {
    if (this.#keys.length > 0)
      sendLookups(client, watcher, capture, this.#keys, (index, existed) =>
        this.#take(this.#keys[index] as Arg, existed),
      )
  }

  answered(): void {
    const early = this.#early ?? []
    this.#early = undefined
    for (const [key, existed] of early) this.#watch.followUpAnswered(key, existed)
  }

  #take(key: Arg, existed: ReturnType<Existed>): void {
    if (this.#early) this.#early.push([key, existed])
    else this.#watch.followUpAnswered(key, existed)
  }
}

/** Lookups would take up room in the queue that the user's own commands may need. */
function isLimited({ options }: NodeClient, sink: CaptureSink): boolean {
  if (!options?.commandsQueueMaxLength) return false
  const message =
    'A client with commandsQueueMaxLength has no room for additional commands: Dustpan tracks only those of its keys whose reply proves that they are new (such as SET … NX)'
  sink.warn('DUSTPAN_KEY_UNATTRIBUTED', 'commandsQueueMaxLength', message)
  return true
}

const connections = new WeakMap<object, Connection>()

/** A command at the front of the queue overtakes a queued SELECT, so its database is not remembered for later commands. */
export function watcherOf(wrapper: NodeClient, { sink, all }: Capture, asap = false): Watcher {
  const client = baseClient(wrapper)
  const connection = connections.get(client) ?? connect(client)
  const database = databaseOf(client)
  const selection = asap ? new Selection(database, () => false) : selectionOf.now(client, database, true)
  return { sink, connection, selection, rules: (store) => decidingRules(all, store) ?? everything }
}

function connect(client: NodeClient): Connection {
  const options = client.options ?? {}
  const connection = new Connection(clusterOf(client) ?? locationOf(client))
  connections.set(client, connection)
  client.on('connect', () => {
    connection.forget()
    selectionOf.forget(client)
    openTransactions.end(client)
  })
  rememberClient(connection.location, {
    ...options.socket,
    ...(options.username === undefined ? {} : { username: options.username }),
    ...(options.password === undefined ? {} : { password: options.password }),
  })
  return connection
}

function locationOf({ options }: NodeClient): ServerLocation {
  const { path, host = 'localhost', port = 6379 } = options?.socket ?? {}
  return { nodes: [path ? { host: path, port: 0 } : { host, port }], cluster: false }
}
