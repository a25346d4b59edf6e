/** A removal that was answered with success, and has removed nothing: it may be gone, or be hidden from whoever asks. */
import { DustpanError } from '../errors/dustpan-error.ts'
import type { Sender, SentAnswer } from '../http-client/sender.ts'
import type { RequestTemplate } from '../http-rules/request-template.ts'
import { lookAt } from './look.ts'
import { type ForOne, notFoundOutcome } from './not-found.ts'
import type { Settle } from './remove-one.ts'

/** @param none what says so */
export async function settleNone(
  requests: Sender,
  request: RequestTemplate,
  what: string,
  answer: SentAnswer,
  none: string,
  ctx: ForOne,
): Promise<Settle> {
  const look = await lookAt(requests, request, ctx.signal)
  return () => {
    if (look.state() === 'absent') return notFoundOutcome(requests, request, answer, what, ctx)
    const message = `${what} was answered ${answer.result}, but that does not confirm the removal: ${none} (${look.result}).`
    const hint = 'Check that the credentials of `auth` may remove it. If it is gone, `dustpan forget` drops the record.'
    return { state: 'failed', error: new DustpanError('DUSTPAN_REMOVAL_FAILED', message, { hint }), retry: {} }
  }
}
