/** A removal that succeeded but removed nothing: the resource may be gone, or hidden from these credentials. */
import { DustpanError } from '../errors/dustpan-error.ts'
import type { Sender, SentAnswer } from '../http-client/sender.ts'
import type { RequestTemplate } from '../http-rules/request-template.ts'
import { notFoundOutcome, type SingleRemoval } from './not-found.ts'
import { sendProbe } from './probe.ts'
import type { Settle } from './remove-one.ts'

/** @param none the part of the answer that says so */
export async function settleNone(
  requests: Sender,
  request: RequestTemplate,
  what: string,
  answer: SentAnswer,
  none: string,
  ctx: SingleRemoval,
): Promise<Settle> {
  const probe = await sendProbe(requests, request, ctx.signal)
  return () => {
    if (probe.state() === 'absent') return notFoundOutcome(requests, request, answer, what, ctx)
    const message = `${what} was answered ${answer.result}, but that does not confirm the removal: ${none} (${probe.result}).`
    const hint = 'Check that the credentials of `auth` may remove it. If it is gone, `dustpan forget` drops the record.'
    return { state: 'failed', error: new DustpanError('DUSTPAN_REMOVAL_FAILED', message, { hint }), retry: {} }
  }
}
