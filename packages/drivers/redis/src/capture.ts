import { currentSink } from '@dustpan/core/driver'
import { captureClient } from './capture/instrument.ts'

/**
 * Tracks what the clients of this client's library create, for copies of ioredis and node-redis that are not found by themselves. Outside a
 * run it does nothing.
 *
 * @returns the same client
 * @throws TypeError when it is no client of ioredis or node-redis
 * @example const redis = capture(new Redis())
 */
export function capture<Client extends object>(client: Client): Client {
  captureClient(client, currentSink())
  return client
}
