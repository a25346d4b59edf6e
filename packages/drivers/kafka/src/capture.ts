import { currentSink, invalidArgument } from '@dustpan/core/driver'
import { captureKafka } from './capture/kafkajs.ts'
import { isKafka } from './capture/kafkajs-library.ts'
import { captureClient } from './capture/platformatic.ts'
import { isClient } from './capture/platformatic-library.ts'
import { checkOptions } from './options.ts'

/**
 * Tracks the messages that this client sends and the topics that it creates, if Dustpan does not capture its library by
 * itself, as with a copy that was loaded before Dustpan. Does nothing outside a run.
 * @param client a `Kafka` of kafkajs, before its producers and admins are created; a `Producer` or `Admin` of @platformatic/kafka
 * @returns The same client.
 * @throws TypeError `DUSTPAN_INVALID_ARGUMENT` for anything else.
 * @example const kafka = capture(new Kafka({ brokers: ['localhost:9092'] }))
 */
export function capture<Client extends object>(client: Client): Client {
  const capturing = isKafka(client) ? captureKafka : isClient(client) ? captureClient : undefined
  if (!capturing)
    throw invalidArgument(
      `capture() takes a Kafka of kafkajs, or a Producer or Admin of @platformatic/kafka, got ${typeof client}.`,
      'A producer of kafkajs does not tell where it leads: capture the Kafka that makes it.',
    )
  const sink = currentSink()
  if (sink) capturing(client, sink, checkOptions('kafka', {}).headers)
  return client
}
