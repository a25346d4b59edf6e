import { currentSink } from '@dustpan/core/driver'
import { captureClient } from './capture/instrument.ts'

/**
 * Tracks what one client of `new-store` creates, for copies of the library that are not detected automatically. Does nothing
 * outside a run.
 *
 * @returns the same client
 * @throws TypeError when it is not a client of `new-store`
 * @example const client = capture(createClient())
 */
export function capture<Client extends object>(client: Client): Client {
  captureClient(client, currentSink())
  return client
}
