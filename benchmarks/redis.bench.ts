/** What does tracking cost a command, and what does it cost to remove keys? */
import { createRequire } from 'node:module'
import { requireServer } from '@dustpan/conformance/servers'
import type { Redis } from 'ioredis'
import type { createClient } from 'redis'
import { compareCaptured } from './captured.ts'
import { compareRemoved } from './removed.ts'
import { benchSession } from './session.ts'
import { load, unpatchedCopy } from './two-copies.ts'

type Ioredis = { Redis: new (url: string) => Redis }
type NodeRedis = { createClient: typeof createClient }

const unpatched = unpatchedCopy<Ioredis>('ioredis')
const unpatchedNode = unpatchedCopy<NodeRedis>('redis')
const { cache } = createRequire(import.meta.url)
for (const file of Object.keys(cache)) if (file.includes('/node_modules/@redis/')) delete cache[file]

await using server = await requireServer('redis', { own: true })
const { url } = server
await using bench = await benchSession({ drivers: [{ use: '@dustpan/redis', name: 'main', options: { url } }] })
const bare = new unpatched.Redis(url)
const tracked = new (load<Ioredis>('ioredis').Redis)(url)
const [bareNode, trackedNode] = [unpatchedNode, load<NodeRedis>('redis')].map((library) =>
  library.createClient({ url }),
)
await Promise.all([bareNode?.connect(), trackedNode?.connect()])
const settings = { server: server.product, ioredis: 6, redis: 6 }

let keys = 0
/** A new key. */
const fresh = () => `user:${++keys}:session`

type Command = (key: string) => Promise<unknown>

async function capture(name: string, question: string, bare: Command, tracked: Command): Promise<void> {
  await compareCaptured({
    name,
    question,
    ...{ calls: 200, rounds: 25, warmups: 10, settings, bench },
    bare: () => bare(fresh()),
    tracked: () => tracked(fresh()),
  })
}

const set = (client: Redis) => (key: string) => client.set(key, 'value')
const hset = (client: Redis) => (key: string) => client.hset(key, 'field', 'value')
const get = (client: Redis) => (key: string) => client.get(key)
await capture('redis-set', 'SET of a new key by ioredis', set(bare), set(tracked))
await capture('redis-hset', 'HSET of a new key by ioredis', hset(bare), hset(tracked))
await capture('redis-get', 'GET by ioredis', get(bare), get(tracked))
await capture(
  'redis-set-node',
  'SET of a new key by node-redis',
  async (key) => bareNode?.set(key, 'value'),
  async (key) => trackedNode?.set(key, 'value'),
)

async function fill(client: Redis, n: number): Promise<readonly string[]> {
  const all = Array.from({ length: n }, fresh)
  const pipeline = client.pipeline()
  for (const key of all) pipeline.set(key, 'value')
  await pipeline.exec()
  return all
}

async function removal(n: number, rounds: number): Promise<void> {
  const dustpan = { arm: 'Dustpan', than: 'loop of DEL', kind: 'timesFaster', value: 5 } as const
  await compareRemoved({
    name: `redis-removal-${n}`,
    question: `${n} keys`,
    ...{ n, rounds, warmups: 10, settings, bench },
    bare: () => fill(bare, n),
    tracked: () => fill(tracked, n),
    byHand: { name: 'UNLINK by hand, 1,000 at a time', run: unlink },
    loop: {
      name: 'loop of DEL',
      run: async (all) => {
        for (const key of all) await bare.del(key)
      },
    },
    limits: n < 1000 ? [] : [dustpan],
  })
}

async function unlink(all: readonly string[]): Promise<void> {
  const batches = Array.from({ length: Math.ceil(all.length / 1000) }, (_, at) => all.slice(at * 1000, (at + 1) * 1000))
  await Promise.all(batches.map((batch) => bare.unlink(...batch)))
}

await removal(10, 30)
await removal(100, 30)
await removal(1_000, 21)
await removal(10_000, 7)
bare.disconnect()
tracked.disconnect()
await Promise.all([bareNode?.close(), trackedNode?.close()])
