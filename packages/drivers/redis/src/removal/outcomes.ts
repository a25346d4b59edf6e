/** Outcomes of a removal, and hints for the server's errors. */
import { type Code, DustpanError, messageOf, type RemovalOutcome } from '@dustpan/core/driver'
import { ServerError } from '../server/reply.ts'

export const removed: RemovalOutcome = { state: 'removed', result: '1 key' }
export const alreadyGone: RemovalOutcome = { state: 'already-gone', result: '0 keys' }
/** It has expired, so that its absence is no sign of a wrong store. */
export const expired: RemovalOutcome = { state: 'already-gone', result: 'expired', expected: true }

export function otherType(expected: string, found: string): RemovalOutcome {
  const message = `The key holds a ${found} now, and the test made a ${expected}`
  const error = new DustpanError('DUSTPAN_NOT_OURS', message, {
    hint: 'Somebody has deleted it and made another one under its name; nothing was changed.',
  })
  return { state: 'refused', why: 'not-ours', detail: { expected, found }, error }
}

export function recreatedLater(expires: number): RemovalOutcome {
  const over = new Date(expires).toISOString()
  const message = `The time of the test’s key was over at ${over}, and there is one of its name now`
  const error = new DustpanError('DUSTPAN_NOT_OURS', message, {
    hint: 'Somebody has made another one since, or a script has given it more time; nothing was changed.',
  })
  return { state: 'refused', why: 'not-ours', detail: { expired: over }, error }
}

/** On another server, a key of this name is not the one that the test created. */
export function otherServer(address: string): RemovalOutcome {
  const error = new DustpanError(
    'DUSTPAN_WRONG_STORE',
    `Another server answers at ${address} than the one in which the key was created, or it has started anew without its data`,
    { hint: 'What has this name there now may be anybody’s; nothing was changed. Look at it, then forget the record.' },
  )
  return { state: 'refused', why: 'wrong-store', detail: { address }, error }
}

export function failed(cause: unknown, code: Code = 'DUSTPAN_REMOVAL_FAILED'): RemovalOutcome {
  const { error, isTransient } = wrapError(cause, code)
  return { state: 'failed', error, retry: isTransient ? {} : false }
}

export function wrapError(cause: unknown, code: Code): { readonly error: DustpanError; readonly isTransient: boolean } {
  if (cause instanceof DustpanError) return { error: cause, isTransient: false }
  const advice = adviceOn(cause)
  const message = `Redis answered with an error: ${messageOf(cause)}`
  const error = new DustpanError(code, cause instanceof ServerError ? message : messageOf(cause), {
    cause,
    ...(advice?.hint === undefined ? {} : { hint: advice.hint }),
  })
  return { error, isTransient: !(cause instanceof ServerError) || advice?.isTransient === true }
}

interface Advice {
  readonly hint?: string
  /** Whether a retry may help. */
  readonly isTransient?: boolean
}

/** Undefined for errors without advice. */
export function adviceOn(error: unknown): Advice | undefined {
  if (!(error instanceof ServerError)) return undefined
  if (/ACL failure in script/.test(error.message)) return advice.NOPERM
  if (/\bAUTH\b.* without any password/.test(error.message)) return advice.NOPASSWORD
  return advice[error.kind]
}

const advice: { readonly [kind: string]: Advice } = {
  NOAUTH: { hint: 'The server asks for a password: put it into the url of the driver (redis://:password@host:6379).' },
  WRONGPASS: { hint: 'Correct the user name and the password in the url of the driver.' },
  NOPASSWORD: { hint: 'The server asks for no password: take it out of the url of the driver.' },
  NOPERM: {
    hint: 'The user needs TYPE, UNLINK and EVAL (or WATCH, MULTI, EXEC) on these keys: ACL SETUSER … ~* +type +unlink +eval.',
  },
  READONLY: { hint: 'The url of the driver leads to a replica: name the master.' },
  LOADING: { hint: 'The server is still loading its data.', isTransient: true },
  BUSY: { hint: 'A script of somebody’s runs there: SCRIPT KILL ends it.', isTransient: true },
  OOM: { hint: 'The server is out of memory (maxmemory).', isTransient: true },
  MISCONF: { hint: 'The server cannot write to its disk, and takes no changes until it can.', isTransient: true },
  MASTERDOWN: { isTransient: true },
  NOREPLICAS: { isTransient: true },
  CLUSTERDOWN: { hint: 'The cluster has no node for some of its slots.', isTransient: true },
  TRYAGAIN: { isTransient: true },
  MOVED: { isTransient: true },
  ASK: { isTransient: true },
}
