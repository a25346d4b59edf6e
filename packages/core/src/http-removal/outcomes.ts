/** Translates an answer to a removal into an outcome. */
import { DustpanError, isDustpanError, messageOf } from '../errors/dustpan-error.ts'
import { redact } from '../errors/redact.ts'
import { errorIn } from '../http-client/error-in.ts'
import type { OwnAnswer } from '../http-client/own-call.ts'
import { retryAfterMs } from '../http-client/retry-after.ts'
import type { Presence, RemovalOutcome } from '../resource/target.ts'

/** @param what the request, redacted: `DELETE /users/7` */
export function outcomeOf(answer: OwnAnswer, what: string): RemovalOutcome {
  const { status, result } = answer
  const reported = status >= 200 && status < 300 ? errorIn(answer.body) : undefined
  if (reported !== undefined) return errorOutcome(what, result, reported)
  if (status === 202)
    return { state: 'pending', why: 'accepted', afterMs: retryAfterMs(answer.header('retry-after')) ?? 0 }
  if (status >= 200 && status < 300) return { state: 'removed', result }
  if (isGone(status)) return { state: 'already-gone', result }
  const message = status < 400 ? redirectedMessage(answer, what) : `${what} was answered ${result}.`
  const isOutdated = missesRevision(answer)
  const error = new DustpanError('DUSTPAN_REMOVAL_FAILED', message, isOutdated ? { hint: revision } : hintFor(status))
  return { state: 'failed', error, retry: isTemporary(status) && !isOutdated ? later(answer) : false }
}

/** CouchDB, whose removals name the current revision. */
const missesRevision = ({ status, body }: OwnAnswer): boolean =>
  status === 409 && /"error":\s*"conflict"/.test(body) && /update conflict/i.test(body)

const revision =
  "Name the revision in a rule: remove: 'DELETE /things/{id}?rev={body.rev}'. If the test changes it afterwards, track() it with a function."

/** Without its query, which may contain a token and does not identify the resource. */
function redirectedMessage(answer: OwnAnswer, what: string): string {
  const to = answer.header('location')?.split(/[?#]/)[0]
  return `${what} was redirected (${answer.result})${to === undefined ? '' : ` to ${redact(to)}`}, which is not followed.`
}

/** Retried: the error may be temporary, and a resource that is gone all the same is then not found. */
function errorOutcome(what: string, result: string, reported: string): RemovalOutcome {
  const message = `${what} was answered ${result}, but its body reports an error: ${reported}`
  const error = new DustpanError('DUSTPAN_REMOVAL_FAILED', message.replace(/([^.])$/, '$1.'))
  return { state: 'failed', error, retry: {} }
}

export const isGone = (status: number): boolean => status === 404 || status === 410

/** Recognises how Express, Nest and Fastify answer for an unknown route; elsewhere it cannot be told from a missing resource. */
export function isNoRoute(body: string, method: string): boolean {
  return body.includes(`Cannot ${method} /`) || body.includes(`Route ${method}:/`)
}

/** Nothing was removed, whatever the answer says. The main process has no mocks, and tries again. */
export function mockedOutcome(what: string): RemovalOutcome {
  const error = new DustpanError(
    'DUSTPAN_REMOVAL_MOCKED',
    `${what} was answered by a mocking library: it never left this process.`,
    {
      hint: 'Restore the mocks at the end of each test, or let requests to this origin pass through.',
    },
  )
  return { state: 'failed', error, retry: false }
}

/** Why a "not found" is not trusted. */
export type Doubt = keyof typeof doubts

export const doubtOf = (noRoute: boolean, interrupted: boolean): Doubt =>
  noRoute ? 'no route' : interrupted ? 'interrupted' : 'may be hidden'

/** A service that has only ever answered "not found" to these credentials may be hiding the resource. */
export function unprovenOutcome(what: string, result: string, doubt: Doubt): RemovalOutcome {
  const { because, hint } = doubts[doubt]
  const error = new DustpanError('DUSTPAN_GONE_UNPROVEN', `${what} was answered ${result}${because}`, { hint })
  return { state: 'failed', error, retry: false }
}

const nothingElse = 'but in this process nothing else shows yet that these credentials may see it.'
const check = 'Check `auth` and the path: many services answer 404 for anything that the credentials may not see.'

const doubts = {
  'no route': {
    because: ': the service has no such route, so nothing was removed.',
    hint: 'Say in a rule how to remove it: { create, remove }.',
  },
  'may be hidden': { because: `, ${nothingElse}`, hint: check },
  'of others': {
    because:
      ': it was created with other credentials, and the ones used here have not removed anything of others yet, so it may be hidden from them.',
    hint: 'Let `auth` return credentials that may remove what all tests create.',
  },
  interrupted: {
    because: `. An earlier removal of it was interrupted, so it may be gone, ${nothingElse}`,
    hint: `${check} If it is gone, \`dustpan forget\` drops the record.`,
  },
} as const

/** @param seen the request that shows it */
export function stillShownOutcome(what: string, result: string, seen: string): RemovalOutcome {
  const error = new DustpanError(
    'DUSTPAN_GONE_UNPROVEN',
    `${what} was answered ${result}, but it is still there (${seen}).`,
    {
      hint: 'Say in a rule how to remove it: { create, remove }; for a soft delete, how to recognise it: { verify, gone }.',
    },
  )
  return { state: 'failed', error, retry: false }
}

/** A removal that runs as a job whose progress cannot be requested. */
export function noJobOutcome(what: string, result: string, place: string): RemovalOutcome {
  const error = new DustpanError(
    'DUSTPAN_REMOVAL_FAILED',
    `${what} was answered ${result}, but the id of its job is not at ${place}, so its progress cannot be followed.`,
    { hint: 'Correct `job` of the removal: the place in the answer that names the job.' },
  )
  return { state: 'failed', error, retry: false }
}

/** @param state what the check found, which is not that it is absent */
export function stillThereOutcome(what: string, seen: string, state: Presence): RemovalOutcome {
  const found = state === 'present' ? 'afterwards it was still there' : 'it is not known whether it is still there'
  const error = new DustpanError('DUSTPAN_STILL_THERE', `${what} was answered with success, but ${found} (${seen}).`, {
    hint: 'If the service only marks it as deleted, say in the rule how to recognise that: { verify, gone }.',
  })
  return { state: 'failed', error, retry: {} }
}

/** No answer: the service is unreachable, the connection broke, or time ran out. */
export function noAnswerOutcome(cause: unknown, what: string, store: string): RemovalOutcome {
  if (isDustpanError(cause)) return { state: 'failed', error: cause, retry: {} }
  const error = new DustpanError(
    'DUSTPAN_STORE_UNREACHABLE',
    `${what} got no answer from ${store}: ${messageOf(cause)}`,
    {
      hint: 'Is the service still running when its data is removed?',
      cause,
    },
  )
  return { state: 'failed', error, retry: {} }
}

/** Statuses that may be temporary. */
function isTemporary(status: number): boolean {
  return status >= 500 || [409, 423, 425, 429].includes(status)
}

function later(answer: OwnAnswer): { afterMs?: number } {
  const afterMs = retryAfterMs(answer.header('retry-after'))
  return afterMs === undefined ? {} : { afterMs }
}

function hintFor(status: number): { hint?: string } {
  if (status === 401 || status === 403)
    return {
      hint: 'Check the `auth` option of http() in the configuration: it returns no credentials, or some that may not do this.',
    }
  if (status >= 300 && status < 400)
    return {
      hint: 'Only a redirect to the same resource is followed. If this is the same resource, say in a rule how to remove it: { create, remove }.',
    }
  return status === 405 ? { hint: 'Say in a rule how to remove it: { create, remove }.' } : {}
}
