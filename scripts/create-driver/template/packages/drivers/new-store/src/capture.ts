import { currentSink } from '@dustpan/core/driver'
import { captureClient } from './capture/instrument.ts'

/**
 * Tracks what one client of `new-store` creates, for copies of it that are not found by themselves. Outside of a run it does nothing.
 *
 * @returns the same client
 * @throws TypeError when it is no client of `new-store`
 * @example const client = capture(createClient())
 */
export function capture<Client extends object>(client: Client): Client {
  captureClient(client, currentSink())
  return client
}
