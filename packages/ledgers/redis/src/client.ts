/** Opens a connection with ioredis, which is loaded at the first call. */
import type { Cluster, Redis, RedisOptions } from 'ioredis'
import type { Settings } from './options.ts'

export type Client = Redis | Cluster

/** How long the client waits for an unreachable server. */
export type Patience = Pick<RedisOptions, 'commandTimeout' | 'maxRetriesPerRequest' | 'retryStrategy'>

export async function openClient(settings: Settings, patience: Patience): Promise<Client> {
  const client = await clientOf(settings, patience)
  let lastError: unknown
  client.on('error', (error: Error & { lastNodeError?: Error }) => {
    lastError = error.lastNodeError ?? error
  })
  try {
    await client.connect()
    return client
  } catch (error) {
    client.disconnect()
    throw lastError ?? error
  }
}

async function clientOf({ url, cluster }: Settings, patience: Patience): Promise<Client> {
  const { Cluster, Redis } = await import('ioredis')
  const options = { ...patience, connectionName: 'dustpan-ledger', connectTimeout: 5_000 }
  if (!cluster) return new Redis(url, { ...options, lazyConnect: true })
  const { protocol, username, password } = new URL(url)
  const access = { username: decodeURIComponent(username), password: decodeURIComponent(password) }
  return new Cluster([url], {
    lazyConnect: true,
    ...(patience.retryStrategy && { clusterRetryStrategy: patience.retryStrategy }),
    redisOptions: { ...options, ...(password && access), ...(protocol === 'rediss:' && { tls: {} }) },
  })
}
