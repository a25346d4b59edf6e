import { currentSink, invalidArgument } from '@dustpan/core/driver'
import { everything } from './capture/rules.ts'
import { isClient, watchClient } from './capture/watch-client.ts'

/**
 * Tracks the documents that clients of this client's copy of `mongodb` create, from their next command on; for copies
 * that Dustpan does not find by itself. Does nothing outside a run.
 *
 * @returns the same client
 * @throws TypeError when it is not a client of `mongodb`
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
