import { scope } from '@dustpan/core'
import { invalidArgument } from '@dustpan/core/driver'

/**
 * A topic's name that no other test uses: topics are deleted some time after they are told to be, and until then the name is taken.
 * @throws TypeError `DUSTPAN_INVALID_ARGUMENT` for what no topic can be called; DustpanError `DUSTPAN_NO_SCOPE` outside of a run
 * @example const orders = topicName('orders')
 */
export function topicName(base: string): string {
  if (/^[\w.-]{1,150}$/.test(base)) return scope().unique(base)
  throw invalidArgument(
    `topicName() expected up to 150 letters, digits, '.', '_' and '-', got ${JSON.stringify(base)}.`,
    'Kafka takes no others in the name of a topic.',
  )
}
