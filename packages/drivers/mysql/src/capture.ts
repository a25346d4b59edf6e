import { currentSink } from '@dustpan/core/driver'
import { captureClient } from './capture/instrument.ts'

/**
 * Tracks what one connection or pool of `mysql2` creates, through its callback or promise API, for copies of `mysql2` that are
 * not found automatically. Does nothing without a running Dustpan.
 * @returns the same connection or pool
 * @throws TypeError when it is neither a connection nor a pool of `mysql2`
 * @example const pool = capture(mysql.createPool(url))
 */
export function capture<Client extends object>(client: Client): Client {
  captureClient(client, currentSink())
  return client
}
