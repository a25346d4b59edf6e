/** Outcomes of a removal, by a broker's error code. */
import { type Code, DustpanError, type RemovalOutcome } from '@dustpan/core/driver'

export function failed(code: Code, message: string, hint?: string): RemovalOutcome {
  return { state: 'failed', error: new DustpanError(code, message, hint === undefined ? {} : { hint }), retry: false }
}

/** Transient errors: another controller or coordinator, a broker that is starting or slow. */
const transientErrors: ReadonlySet<number> = new Set([5, 6, 7, 9, 13, 14, 15, 16, 19, 20, 41])

const reasons: { readonly [error: number]: readonly [why: string, hint?: string] } = {
  29: [
    'its user may not do that to the topic',
    'Allow it (kafka-acls), or give the driver a user who may: the option sasl.',
  ],
  30: [
    'its user may not do that to the group',
    'Allow it (kafka-acls), or give the driver a user who may: the option sasl.',
  ],
  31: [
    'its user may not do that in the cluster',
    'Allow it (kafka-acls), or give the driver a user who may: the option sasl.',
  ],
  44: ['a policy of the broker forbids it'],
  73: ['the broker does not delete topics', 'Set delete.topic.enable=true on the brokers of the tests.'],
  87: ['the topic takes no message without a value: it is not compacted, or has a policy'],
}

/** @param what `Topic orders` */
export function brokerError(what: string, error: number): RemovalOutcome {
  const [why, hint] = reasons[error] ?? [`the broker answered with error ${error}`]
  const failure = new DustpanError(
    'DUSTPAN_REMOVAL_FAILED',
    `${what} could not be removed: ${why}.`,
    hint === undefined ? {} : { hint },
  )
  return { state: 'failed', error: failure, retry: transientErrors.has(error) ? {} : false }
}
