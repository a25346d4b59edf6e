/** Redis (Debian: `redis-server`), and Valkey, which has the same protocol. */
import { Redis } from 'ioredis'
import { asUser, withPath } from './change-url.ts'
import { findCached, findProgram } from './find-program.ts'
import type { ServerKind } from './kinds.ts'
import { notOurs } from './not-ours.ts'
import { startCluster } from './redis-cluster.ts'
import type { Server } from './server.ts'
import { startProgram } from './started-program.ts'
import { testName } from './test-name.ts'

export const redis = redisKind('redis', 'no redis-server on this machine (Debian: redis-server)', () =>
  findProgram('redis-server'),
)

export const valkey = redisKind('valkey', 'no valkey-server on this machine', () => {
  return findCached('valkey-*/run/valkey-server') ?? findProgram('valkey-server')
})

function redisKind(kind: 'redis' | 'valkey', missing: string, findIt: () => string | undefined): ServerKind {
  return {
    connect: (url) => serverAt(url, kind),
    async start({ cluster = false, flags = [] }) {
      const program = findIt()
      if (!program) return { missing }
      const node = (more: readonly string[]) =>
        startProgram({
          name: kind,
          prepare: async ({ folder, port }) => ({
            program,
            args: ['--port', `${port}`, '--dir', folder, ...quiet, ...more, ...flags],
          }),
          answers: async (port) => void (await ask(urlOf(port), (client) => client.ping())),
        })
      const started = cluster ? await startCluster(node) : await node(['--databases', '1024'])
      return { ...(await serverAt(urlOf(started.port), kind)), ...started }
    },
  }
}

const quiet = ['--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--loglevel', 'warning']
const urlOf = (port: number) => `redis://127.0.0.1:${port}`

async function serverAt(url: string, kind: 'redis' | 'valkey'): Promise<Server> {
  const made: string[] = []
  const about = await ask(url, (client) => client.info('server'))
  const [, valkey] = /^valkey_version:(.*?)\r?$/m.exec(about) ?? []
  const version = valkey ?? /^redis_version:(.*?)\r?$/m.exec(about)?.[1] ?? ''
  const product = `${valkey ? 'Valkey' : 'Redis'} ${version}`
  const isCluster = about.includes('redis_mode:cluster')
  return {
    kind,
    product: isCluster ? `${product} cluster` : product,
    version,
    url,
    port: Number(new URL(url).port || 6379),
    async database() {
      if (isCluster) return url
      made.push(await emptyDatabase(url))
      return made.at(-1) as string
    },
    async readOnly(database) {
      const user = testName()
      await ask(url, (client) =>
        client.call('ACL', 'SETUSER', user, 'on', '>secret', '~*', '&*', '+@read', '+@connection', '+info'),
      )
      return asUser(database, user, 'secret')
    },
    ...notOurs(product),
    async [Symbol.asyncDispose]() {
      for (const database of made) await ask(database, (client) => client.flushdb())
    },
  }
}

/** Each caller takes the next number, so that no two share a database; a number with keys belongs to somebody else. */
async function emptyDatabase(url: string): Promise<string> {
  const count = Number(((await ask(url, (client) => client.config('GET', 'databases'))) as string[])[1])
  for (let tries = 1; tries < count; tries++) {
    const number = (await ask(withPath(url, '0'), (client) => client.incr('dustpan:test-databases'))) % count
    const candidate = withPath(url, String(number))
    if (number !== 0 && (await ask(candidate, (client) => client.dbsize())) === 0) return candidate
  }
  throw new Error(`All ${count} databases of ${url} have keys in them.`)
}

async function ask<Answer>(url: string, question: (client: Redis) => Promise<Answer>): Promise<Answer> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 })
  client.on('error', () => {}) // connect() throws the same error
  try {
    await client.connect()
    return await question(client)
  } finally {
    client.disconnect()
  }
}
