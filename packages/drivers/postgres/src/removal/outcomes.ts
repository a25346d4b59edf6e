import { DustpanError, messageOf, type RemovalOutcome } from '@dustpan/core/driver'
import { failedWith } from '@dustpan/core/rows'
import { isServerError } from '../pg.ts'

export function isLockTimeout(error: unknown): boolean {
  return isServerError(error) && error.code === '55P03'
}

/** Whether a retry may succeed: lost connections, deadlocks, shutdowns, lack of resources. */
export function isTransient(error: unknown): boolean {
  return !isServerError(error) || error.code === '40001' || error.code === '40P01' || /^(?:08|53|57P)/.test(error.code)
}

/** Whether a statement failed because other rows refer to its rows. */
export function isReferred(error: unknown): boolean {
  return isServerError(error) && (error.code === '23503' || error.code === '23001')
}

export function failed(what: string, error: unknown): RemovalOutcome {
  if (error instanceof DustpanError) return { state: 'failed', error, retry: false }
  const state = isServerError(error) ? ` (SQLSTATE ${error.code})` : ''
  const detail = isServerError(error) && error.detail ? `: ${error.detail}` : ''
  return failedWith('DUSTPAN_REMOVAL_FAILED', `${what}: ${messageOf(error)}${detail}${state}`, {
    cause: error,
    passing: isTransient(error),
  })
}
