import { currentSink } from '@dustpan/core/driver'
import { captureClient } from './capture/instrument.ts'

/**
 * Tracks what one client of `@clickhouse/client` inserts, for copies of it that are not found by themselves. Without a running Dustpan it
 * does nothing.
 *
 * @returns the same client
 * @throws TypeError when it is not a client of `@clickhouse/client`
 * @example const client = capture(createClient())
 */
export function capture<Client extends object>(client: Client): Client {
  captureClient(client, currentSink())
  return client
}
