import { currentSink, invalidArgument } from '@dustpan/core/driver'
import { everything } from './capture/rules.ts'
import { isClient, watchClient } from './capture/watch-client.ts'

/**
 * Tracks what one client creates, for copies of `mongodb` that are not found by themselves: what every client of that copy creates, from its
 * next command on. Without a running Dustpan it does nothing.
 *
 * @returns the same client
 * @throws TypeError when it is no client of `mongodb`
 * @example const client = capture(new MongoClient('mongodb://localhost:27017'))
 */
export function capture<Client extends object>(client: Client): Client {
  if (!isClient(client))
    throw invalidArgument(
      `capture(client): expected a MongoClient, got ${typeof client}`,
      'Of Mongoose it is the one that connection.getClient() gives.',
    )
  const sink = currentSink()
  if (sink) watchClient(client, sink, everything())
  return client
}
