import { currentSink } from '@dustpan/core/driver'
import { captureClient } from './capture/instrument.ts'

/**
 * Tracks the rows that a client of `@clickhouse/client` inserts, for copies that Dustpan does not find by itself. Does
 * nothing outside a run.
 *
 * @returns the same client
 * @throws TypeError when it is not a client of `@clickhouse/client`
 * @example const client = capture(createClient())
 */
export function capture<Client extends object>(client: Client): Client {
  captureClient(client, currentSink())
  return client
}
