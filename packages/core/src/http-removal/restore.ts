/** Restores a resource that was only marked as deleted. */
import { DustpanError, messageOf } from '../errors/dustpan-error.ts'
import { errorIn } from '../http-client/error-in.ts'
import type { Sender } from '../http-client/sender.ts'
import type { RequestTemplate } from '../http-rules/request-template.ts'
import type { RestoreOutcome } from '../resource/target.ts'
import { requestLine } from './request-line.ts'

/** @param request filled in */
export async function restoreOne(
  requests: Sender,
  { restore, ...removal }: RequestTemplate,
  signal: AbortSignal,
): Promise<RestoreOutcome> {
  if (!restore) return failed(`${requestLine(removal)} has no request that undoes it.`, noRestore)
  const what = requestLine(restore)
  try {
    const { mocked, status, result, body } = await requests.send(restore, signal)
    const reported = errorIn(body)
    if (!mocked && status >= 200 && status < 300)
      return reported === undefined
        ? { state: 'restored', result }
        : failed(`${what} was answered ${result}, but its body reports an error: ${reported}`)
    return failed(`${what} was ${mocked ? 'answered by a mocking library' : `answered ${result}`}.`)
  } catch (cause) {
    return failed(`${what} got no answer: ${messageOf(cause)}`)
  }
}

const noRestore = "Say in the rule how to bring it back: restore: 'PATCH /items/{id}/activate'."

function failed(message: string, hint?: string): RestoreOutcome {
  return {
    state: 'failed',
    error: new DustpanError('DUSTPAN_RESTORE_FAILED', message, hint === undefined ? {} : { hint }),
  }
}
