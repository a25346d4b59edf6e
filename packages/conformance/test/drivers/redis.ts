/** Redis and Valkey through ioredis and node-redis, and a Redis cluster of three nodes. */
import { createRequire } from 'node:module'
import { setTimeout } from 'node:timers/promises'
import type * as ioredis from 'ioredis'
import {
  type Address,
  type DriverSubject,
  type Excuse,
  type Form,
  freshCopy,
  hostileTexts,
  longText,
  type Place,
  type Remake,
  type StoreClient,
} from '../../src/drivers/index.ts'
import { type Server, server } from '../../src/servers/index.ts'

const require = createRequire(new URL('../../../drivers/redis/package.json', import.meta.url))

type Command = readonly (string | Buffer)[]

/** A client of either library with one connection. */
interface Connection {
  send(command: Command): Promise<unknown>
  pipeline(commands: readonly Command[]): Promise<unknown>
  multi(commands: readonly Command[]): Promise<unknown>
  /** Commands sent with the library's own methods. */
  readonly forms: { readonly [title: string]: (key: (name: string) => string) => Promise<unknown> }
  close(): Promise<unknown>
}

interface Library {
  readonly exports: unknown
  connect(url: string, cluster: boolean): Promise<Connection>
}

const excuses: readonly Excuse[] = [
  {
    cases: ['key reused'],
    reason: 'Redis tells nothing of a key’s age: one that is deleted and made again by somebody else looks the same',
  },
  {
    cases: ['survives its removal'],
    reason: 'nothing in Redis says that a key was deleted and keeps it',
  },
  {
    cases: [
      'rollback',
      'held by open work',
      'savepoint',
      'open transaction, committed later',
      'open transaction, rolled back later',
    ],
    reason: 'a transaction is sent as a whole: there is no open work, and there are no locks',
  },
  {
    cases: ['dependents of its own', 'dependents of a stranger', 'dependents of a stranger, given to the test’s own'],
    reason: 'keys do not refer to each other',
  },
  {
    cases: ['library missing', 'library of an unsupported version'],
    reason: 'the driver speaks to the server itself, and needs no library',
  },
]

const inCluster: Excuse = {
  cases: [
    'connection lost half-way',
    'server away and back',
    'server does not answer',
    'server down',
    'read-only',
    'configuration leads elsewhere',
    'two instances',
  ],
  reason: 'a cluster has one key space, and its nodes are found by their own addresses, past any proxy',
}

export const redis = subject('redis (ioredis)', 'redis', ioredisLibrary)
export const nodeRedis = subject('redis (node-redis)', 'redis', nodeRedisLibrary)
export const valkey = subject('valkey (ioredis)', 'valkey', ioredisLibrary)
export const redisCluster = subject('redis cluster (ioredis)', 'redis', ioredisLibrary, true)
export const nodeRedisCluster = subject('redis cluster (node-redis)', 'redis', nodeRedisLibrary, true)

const password = 'redis-secret-3b8d'

function subject(
  name: string,
  kind: 'redis' | 'valkey',
  libraryOf: (seen: boolean) => Library,
  cluster = false,
): DriverSubject {
  return {
    name,
    use: '@dustpan/redis',
    kind: 'key',
    excuses: cluster ? [...excuses, inCluster] : excuses,
    async start() {
      const found = await server(kind, { own: true, cluster })
      if ('missing' in found) return found
      const libraries = { seen: libraryOf(true), unseen: libraryOf(false), cluster }
      return {
        product: found.product,
        ...(cluster ? {} : { address: { host: '127.0.0.1', port: found.port } }),
        secrets: [password],
        place: ({ at } = {}) => place(found, libraries, at),
        [Symbol.asyncDispose]: () => found[Symbol.asyncDispose](),
      }
    },
  }
}

interface Libraries {
  readonly seen: Library
  readonly unseen: Library
  readonly cluster: boolean
}

async function place(found: Server, { seen, unseen, cluster }: Libraries, at: Address | undefined): Promise<Place> {
  const direct = await found.database()
  const admin = await unseen.connect(direct, cluster)
  const nodes = cluster ? await nodesOf(admin) : [direct]
  const onEach = async (...command: string[]) => {
    for (const node of nodes) {
      const one = await unseen.connect(node, false)
      await one.send(command).finally(() => one.close())
    }
  }
  const allow = (user: string, ...rights: string[]) =>
    onEach('ACL', 'SETUSER', user, 'reset', 'on', `>${password}`, '&*', ...rights)
  await allow('tester', '~*', '+@all')
  await allow('cleaner', '~*', '+@all')
  const through = new URL(direct)
  if (at) [through.hostname, through.port] = [at.host, String(at.port)]
  const list = async () => (await Promise.all(nodes.map((node) => everything(unseen, node)))).flat().sort()
  return {
    options: { url: as(through, 'cleaner'), ...(cluster ? { cluster } : {}) },
    remove: { key: '{id}' },
    libraries: [seen.exports],
    client: ({ pool = 1, unseen: isStranger } = {}) =>
      isStranger ? clientOf(unseen, direct, cluster, pool) : clientOf(seen, as(through, 'tester'), cluster, pool),
    list,
    forms,
    keyTypes,
    hostile,
    remakes: cluster ? remakes.filter(({ title }) => title !== 'FLUSHDB') : remakes,
    empty: () => onEach('FLUSHDB'),
    async replace() {
      await found.stop()
      await found.start()
      if (cluster) for (const node of nodes) await untilWhole(unseen, node)
      await allow('tester', '~*', '+@all')
      await allow('cleaner', '~*', '+@all')
    },
    async resist(key) {
      const others = (await keysIn(unseen, nodes)).filter((one) => one !== key)
      await allow('cleaner', '%R~*', '+@all', ...others.map((one) => `~${one}`))
      return { [Symbol.asyncDispose]: () => allow('cleaner', '~*', '+@all') }
    },
    async readOnly() {
      await onEach('REPLICAOF', '127.0.0.1', '1')
      return { [Symbol.asyncDispose]: () => onEach('REPLICAOF', 'NO', 'ONE') }
    },
    async powerless() {
      await allow('teller', '~*', '+@read', '+@connection', '+info', '+cluster|slots')
      return { url: as(through, 'teller'), ...(cluster ? { cluster } : {}) }
    },
    wrongCredentials: { url: as(through, 'tester', `not-${password}`), ...(cluster ? { cluster } : {}) },
    async [Symbol.asyncDispose]() {
      await onEach('FLUSHDB')
      await admin.close()
    },
  }
}

function as(url: URL, user: string, secret = password): string {
  const other = new URL(url)
  ;[other.username, other.password] = [user, secret]
  return other.href
}

/** Waits until the nodes of a restarted cluster have found each other. */
async function untilWhole(library: Library, node: string): Promise<void> {
  const connection = await library.connect(node, false)
  while (!String(await connection.send(['CLUSTER', 'INFO'])).includes('cluster_state:ok')) await setTimeout(20)
  await connection.close()
}

async function nodesOf(admin: Connection): Promise<readonly string[]> {
  const slots = (await admin.send(['CLUSTER', 'SLOTS'])) as [number, number, [string, number]][]
  return slots.map(([, , [host, port]]) => `redis://${host}:${port}`)
}

async function keysIn(library: Library, nodes: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(
    nodes.map(async (node) => {
      const connection = await library.connect(node, false)
      return connection.send(['KEYS', '*']).finally(() => connection.close()) as Promise<string[]>
    }),
  )
  return found.flat()
}

/** The keys and their values as DUMP serialises them. */
async function everything(library: Library, node: string): Promise<readonly string[]> {
  const connection = await library.connect(node, false)
  try {
    const lines = await connection.send([
      'EVAL',
      `local lines = {} for _, key in ipairs(redis.call('KEYS', '*')) do
         lines[#lines + 1] = key:gsub('.', function(c) return string.format('%02x', c:byte()) end) .. ' ' .. redis.sha1hex(redis.call('DUMP', key))
       end return lines`,
      '0',
    ])
    return lines as string[]
  } finally {
    await connection.close()
  }
}

interface RedisStoreClient extends StoreClient {
  readonly connection: Connection
}

let names = 0

/** A key that was never used before. */
const fresh = () => `thing:${process.pid}:${++names}`

/** The number of commands that are sent together. */
const perWrite = 1_000

async function clientOf(library: Library, url: string, cluster: boolean, pool: number): Promise<RedisStoreClient> {
  const connections = await Promise.all(Array.from({ length: pool }, () => library.connect(url, cluster)))
  let turn = 0
  const next = () => connections[turn++ % pool] as Connection
  const send = (...command: string[]) => next().send(command)
  return {
    connection: connections[0] as Connection,
    async create(count, text = 'text') {
      const keys = Array.from({ length: count }, fresh)
      for (let at = 0; at < count; at += perWrite)
        await (cluster
          ? each(next(), keys.slice(at, at + perWrite), text)
          : next().pipeline(sets(keys.slice(at, at + perWrite), text)))
      return keys
    },
    /** RESTORE, because Redis refuses it for an existing key. */
    createAs: async (key) => void (await next().send(['RESTORE', String(key), '0', dump])),
    remove: async (keys) => void (await Promise.all(keys.map((key) => send('DEL', String(key))))),
    upsert: async (key) => void (await send('SET', String(key), 'changed')),
    async [Symbol.asyncDispose]() {
      await Promise.all(connections.map((one) => one.close()))
    },
  }
}

/** The DUMP of `SET key text` in Redis 7, which later versions can read. */
const dump = Buffer.from('0004746578740a007cf3266dcab5a531', 'hex')

const remake = (title: string, commands: (a: string, b: string) => readonly Command[]): Remake => ({
  title,
  async remake(at, seeds) {
    for (const command of commands(String(seeds[0]), String(seeds[1])))
      await (at as RedisStoreClient).connection.send(command)
  },
})

const text = 'of a stranger'

const remakes: readonly Remake[] = [
  ...['DEL', 'UNLINK', 'GETDEL'].map((name) =>
    remake(name, (a) => [
      [name, a],
      ['SET', a, text],
    ]),
  ),
  ...['EXPIRE', 'PEXPIREAT'].map((name) =>
    remake(name, (a) => [
      [name, a, '0'],
      ['SET', a, text],
    ]),
  ),
  // In a cluster both names must be in the same slot.
  remake('RENAME', (a) => [
    ['RENAME', a, `{${a}} away`],
    ['SET', a, text],
    ['DEL', `{${a}} away`],
  ]),
  remake('RENAME there and back', (a) => [
    ['RENAME', a, `{${a}} away`],
    ['RENAME', `{${a}} away`, a],
  ]),
  remake('EVAL', (a) => [
    ['EVAL', "return redis.call('DEL', KEYS[1])", '1', a],
    ['SET', a, text],
  ]),
  remake('FLUSHDB', (a, b) => [['FLUSHDB'], ['SET', a, text], ['SET', b, text]]),
  remake('SET over it', (a) => [['SET', a, text]]),
]

const sets = (keys: readonly string[], text: string): readonly Command[] => keys.map((key) => ['SET', key, text])
const each = (connection: Connection, keys: readonly string[], text: string) =>
  Promise.all(sets(keys, text).map((command) => connection.send(command)))

function ioredisLibrary(seen: boolean): Library {
  const exports = seen ? require('ioredis') : freshCopy<unknown>(require, 'ioredis')
  const { Redis, Cluster } = exports as typeof ioredis
  return {
    exports,
    async connect(url, cluster) {
      const { username, password: secret } = new URL(url)
      const client = cluster
        ? new Cluster([url], { redisOptions: { username, password: secret } })
        : new Redis(url, { retryStrategy: () => 20, maxRetriesPerRequest: 5 })
      client.on('error', () => {})
      await client.ping()
      const all = (pipeline: ioredis.ChainableCommander, commands: readonly Command[]) => {
        for (const [name, ...args] of commands) pipeline.call(String(name), ...args)
        return pipeline.exec()
      }
      return {
        send: ([name, ...args]) => client.call(String(name), ...args) as Promise<unknown>,
        pipeline: (commands) => all(client.pipeline(), commands),
        multi: (commands) => all(client.multi(), commands),
        forms: {
          set: (key) => client.set(key('a'), '1'),
          'set with a callback': (key) => new Promise((resolve) => void client.set(key('a'), '1', resolve)),
          setBuffer: (key) => client.set(Buffer.from(key('a')), Buffer.from('1')),
          hset: (key) => client.hset(key('a'), { field: 'value' }),
          'pipeline()': (key) => client.pipeline().set(key('a'), '1').get(key('a')).exec(),
          'multi()': (key) => client.multi().set(key('a'), '1').exec(),
        },
        close: async () => client.disconnect(),
      }
    },
  }
}

type Loose = { [name: string]: (...args: unknown[]) => Promise<unknown> & Loose }

/** The index of the key argument that decides the node of a cluster. */
const keyAt: Readonly<Record<string, number>> = { XGROUP: 2, EVAL: 3 }

function nodeRedisLibrary(seen: boolean): Library {
  const exports = seen ? require('redis') : freshCopy<unknown>(require, 'redis')
  const { createClient, createCluster } = exports as { [make: string]: (options: object) => Loose }
  return {
    exports,
    async connect(url, cluster) {
      const { username, password: secret } = new URL(url)
      const socket = { reconnectStrategy: 20 }
      const client = (
        cluster
          ? createCluster?.({ rootNodes: [{ url }], defaults: { username, password: secret } })
          : createClient?.({ url, socket })
      ) as Loose
      client.on?.('error', () => {})
      await client.connect?.()
      const call = (name: string, ...args: unknown[]) => (client[name] as Loose[string])(...args)
      const all = (commands: readonly Command[]) => {
        const multi = call('multi') as Loose
        for (const command of commands)
          (multi.addCommand as Loose[string])(...(cluster ? [command[1], false, command] : [command]))
        return multi
      }
      return {
        send: (command) =>
          cluster
            ? call('sendCommand', command[keyAt[String(command[0])] ?? 1], false, command)
            : call('sendCommand', command),
        pipeline: (commands) => (all(commands).execAsPipeline as Loose[string])(),
        multi: (commands) => (all(commands).exec as Loose[string])(),
        forms: {
          set: (key) => call('set', key('a'), '1'),
          hSet: (key) => call('hSet', key('a'), { field: 'value' }),
          lPush: (key) => call('lPush', key('a'), ['1', '2']),
          'multi()': (key) => (call('multi') as unknown as Chain).set(key('a'), '1').exec(),
          'execAsPipeline()': (key) => (call('multi') as unknown as Chain).set(key('a'), '1').execAsPipeline(),
        },
        close: async () => void (await call('disconnect')),
      }
    },
  }
}

interface Chain {
  set(key: string, value: string): Chain
  exec(): Promise<unknown>
  execAsPipeline(): Promise<unknown>
}

const send =
  (count: number, ...commands: ((key: (name: string) => string) => Command)[]): Form['create'] =>
  async (on) => {
    const tag = fresh()
    for (const command of commands) await (on as RedisStoreClient).connection.send(command((name) => `{${tag}}${name}`))
    return count
  }

const one = (name: string, ...rest: string[]): Form => ({
  title: [name, 'key', ...rest].join(' '),
  create: send(1, (key) => [name, key('a'), ...rest]),
})

/** All commands that are sent with the library's own methods. */
const methods: Form = {
  title: 'the methods of the library',
  async create(on) {
    const all = Object.values((on as RedisStoreClient).connection.forms)
    for (const form of all) {
      const tag = fresh()
      await form((name) => `{${tag}}${name}`)
    }
    return all.length
  },
}

const forms: readonly Form[] = [
  methods,
  one('SET', 'v'),
  one('SET', 'v', 'EX', '100'),
  one('SET', 'v', 'NX', 'GET'),
  one('SETNX', 'v'),
  one('SETEX', '100', 'v'),
  one('GETSET', 'v'),
  one('APPEND', 'v'),
  one('INCR'),
  one('SETBIT', '7', '1'),
  one('PFADD', 'v'),
  one('HSET', 'f', 'v'),
  one('HINCRBY', 'f', '1'),
  one('LPUSH', 'v', 'w'),
  one('RPUSH', 'v'),
  one('SADD', 'v', 'w'),
  one('ZADD', '1', 'v'),
  one('GEOADD', '1', '1', 'v'),
  one('XADD', '*', 'f', 'v'),
  { title: 'XGROUP CREATE … MKSTREAM', create: send(1, (key) => ['XGROUP', 'CREATE', key('a'), 'g', '$', 'MKSTREAM']) },
  { title: 'MSET', create: send(2, (key) => ['MSET', key('a'), '1', key('b'), '2']) },
  { title: 'MSETNX', create: send(2, (key) => ['MSETNX', key('a'), '1', key('b'), '2']) },
  {
    title: 'COPY',
    create: send(
      2,
      (key) => ['SET', key('a'), '1'],
      (key) => ['COPY', key('a'), key('b')],
    ),
  },
  {
    title: 'SUNIONSTORE',
    create: send(
      2,
      (key) => ['SADD', key('a'), '1'],
      (key) => ['SUNIONSTORE', key('b'), key('a')],
    ),
  },
  {
    title: 'SORT … STORE',
    create: send(
      2,
      (key) => ['RPUSH', key('a'), '1'],
      (key) => ['SORT', key('a'), 'STORE', key('b')],
    ),
  },
  {
    title: 'LMOVE',
    create: send(
      2,
      (key) => ['RPUSH', key('a'), '1', '2'],
      (key) => ['LMOVE', key('a'), key('b'), 'LEFT', 'LEFT'],
    ),
  },
  {
    title: 'the same key twice',
    create: send(
      1,
      (key) => ['INCR', key('a')],
      (key) => ['INCR', key('a')],
    ),
  },
]

const keyed = (title: string, key: () => string | Buffer): Form => ({
  title,
  async create(on) {
    await (on as RedisStoreClient).connection.send(['SET', key(), 'v'])
    return 1
  },
})

const keyTypes: readonly Form[] = [
  keyed('text', () => fresh()),
  keyed('a number', () => '42'),
  keyed('bytes that are text', () => Buffer.from(fresh())),
  keyed('bytes that are no text', () => Buffer.from([0xff, 0x00, 0xfe, ++names & 0xff])),
  keyed('empty', () => ''),
  keyed('with a hash tag', () => `{tag}:${fresh()}`),
]

const hostile: readonly Form[] = [
  ...[...hostileTexts, longText(10_000), 'a\0b', '\ud800', '["base64","AA=="]', '{id}'].map((text) =>
    keyed(`a key ${JSON.stringify(text).slice(0, 60)}`, () => text),
  ),
  {
    title: 'a megabyte',
    create: (on) => (on as RedisStoreClient).connection.send(['SET', fresh(), longText(2 ** 20)]).then(() => 1),
  },
]
