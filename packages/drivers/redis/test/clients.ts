/** The supported versions of both libraries behind one interface. */
import { createRequire } from 'node:module'
import type { CaptureSink } from '@dustpan/core/driver'
import { type CaptureRules, everything } from '../src/capture/capture-rules.ts'
import { instrumentsBy } from '../src/capture/instrument.ts'

const require = createRequire(import.meta.url)

type Arg = string | Buffer
type Command = readonly Arg[]

export interface Client extends AsyncDisposable {
  /** The library's own client. */
  readonly own: never
  send(...command: Command): Promise<unknown>
  /** By the library's own methods. */
  set(key: Arg, value: string): Promise<unknown>
  pipeline(commands: readonly Command[]): Promise<readonly unknown[]>
  multi(commands: readonly Command[]): Promise<readonly unknown[] | null>
  select(database: number): Promise<unknown>
  duplicate(): Promise<Client>
}

export interface Library {
  readonly name: string
  readonly exports: unknown
  open(url: string, options?: object): Promise<Client>
  cluster(url: string): Promise<Client>
}

// biome-ignore lint/suspicious/noExplicitAny: the versions differ in their types
type Loose = any

function ioredis(name: string): Library {
  const Redis = require(name) as (new (
    url: string,
    options?: object,
  ) => Loose) & {
    Cluster: new (nodes: readonly string[], options?: object) => Loose
  }
  const shaped = (own: Loose): Client => ({
    own: own as never,
    send: (command, ...args) => own.call(String(command), ...args),
    set: (key, value) => own.set(key, value),
    pipeline: async (commands) => repliesOf(await batch(own.pipeline(), commands).exec()),
    multi: async (commands) => repliesOf(await batch(own.multi(), commands).exec()),
    select: (database) => own.select(database),
    duplicate: async () => shaped(own.duplicate()),
    [Symbol.asyncDispose]: async () => void own.disconnect(),
  })
  return {
    name,
    exports: Redis,
    open: async (url, options) => shaped(new Redis(url, options)),
    cluster: async (url) => shaped(new Redis.Cluster([url])),
  }
}

function batch(pipeline: Loose, commands: readonly Command[]): Loose {
  for (const [command, ...args] of commands) pipeline.call(String(command), ...args)
  return pipeline
}

function repliesOf(results: readonly [unknown, unknown][] | null): never {
  return results?.map(([error, reply]) => error ?? reply) as never
}

function nodeRedis(name: string): Library {
  const exports = require(name) as { createClient(options: object): Loose; createCluster(options: object): Loose }
  const shaped = (own: Loose): Client => ({
    own: own as never,
    send: (...command) => own.sendCommand(command),
    set: (key, value) => own.set(key, value),
    pipeline: (commands) => queue(own.multi(), commands).execAsPipeline(),
    multi: (commands) => queue(own.multi(), commands).exec(),
    select: (database) => own.select(database),
    async duplicate() {
      const other = own.duplicate()
      await other.connect()
      return shaped(other)
    },
    [Symbol.asyncDispose]: async () => void (await own.disconnect()),
  })
  const connected = async (own: Loose) => {
    own.on('error', () => {})
    await own.connect()
    return shaped(own)
  }
  return {
    name,
    exports,
    open: (url, options) => connected(exports.createClient({ url, ...options })),
    async cluster(url) {
      const client = await connected(exports.createCluster({ rootNodes: [{ url }] }))
      return { ...client, send: (...command) => (client.own as Loose).sendCommand(command[1], false, command) }
    },
  }
}

function queue(multi: Loose, commands: readonly Command[]): Loose {
  for (const command of commands) multi.addCommand(command)
  return multi
}

export const libraries: readonly Library[] = [
  ioredis('ioredis'),
  ioredis('ioredis-5'),
  nodeRedis('redis'),
  nodeRedis('redis-5'),
  nodeRedis('redis-4'),
]

/** Installs the instrument as Dustpan does when a test loads the library. */
export function instrumented({ exports }: Library, sink: CaptureSink, rules: CaptureRules = everything): Disposable {
  const instrument = instrumentsBy(rules, '/').find(({ accepts }) => accepts(exports))
  if (!instrument) throw new Error('no instrument accepts it')
  return instrument.install(exports, sink)
}
