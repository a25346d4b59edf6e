import { scope } from '@dustpan/core'
import { invalidArgument } from '@dustpan/core/driver'

/**
 * A unique topic name, because a topic's deletion takes some time, and the name stays taken until then.
 * @throws TypeError `DUSTPAN_INVALID_ARGUMENT` for an invalid topic name; DustpanError `DUSTPAN_NO_SCOPE` outside a run
 * @example const orders = topicName('orders')
 */
export function topicName(base: string): string {
  if (/^[\w.-]{1,150}$/.test(base)) return scope().unique(base)
  throw invalidArgument(
    `topicName() expected up to 150 letters, digits, '.', '_' and '-', got ${JSON.stringify(base)}.`,
    'Kafka takes no others in the name of a topic.',
  )
}
