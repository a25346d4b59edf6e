import { currentSink } from '@dustpan/core/driver'
import { captureClient } from './capture/instrument.ts'

/**
 * Tracks what one `pg` client or pool creates, or one postgres.js client and all others of the same copy of the library.
 * For copies that Dustpan does not find by itself. Without a running Dustpan it does nothing.
 *
 * @returns the same client or pool
 * @throws TypeError when it is neither a client nor a pool of `pg`, nor a client of postgres.js
 * @example const pool = capture(new Pool())
 */
export function capture<Client extends object>(client: Client): Client {
  captureClient(client, currentSink())
  return client
}
