import { currentSink } from '@dustpan/core/driver'
import { captureClient } from './capture/instrument.ts'

/**
 * Tracks the keys that clients of this client's library create, for copies of ioredis and node-redis that Dustpan does
 * not find by itself. Does nothing outside a run.
 *
 * @returns the same client
 * @throws TypeError when it is not a client of ioredis or node-redis
 * @example const redis = capture(new Redis())
 */
export function capture<Client extends object>(client: Client): Client {
  captureClient(client, currentSink())
  return client
}
