import { currentSink } from '@dustpan/core/driver'
import { captureClient } from './capture/instrument.ts'

/**
 * Tracks what one client or pool of `pg` creates, or a client of postgres.js with all others of its copy, for copies that are not found by themselves. Without a running Dustpan it does nothing.
 *
 * @returns the same client or pool
 * @throws TypeError when it is neither a client nor a pool of `pg`, nor a client of postgres.js
 * @example const pool = capture(new Pool())
 */
export function capture<Client extends object>(client: Client): Client {
  captureClient(client, currentSink())
  return client
}
