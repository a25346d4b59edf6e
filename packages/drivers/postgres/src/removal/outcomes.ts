import { DustpanError, failedWith, messageOf, type RemovalOutcome } from '@dustpan/core/driver'
import { isServerError } from '../pg.ts'

export function isLockTimeout(error: unknown): boolean {
  return isServerError(error) && error.code === '55P03'
}

/** Whether trying again may help: lost connections, deadlocks, shutdowns, too few resources. */
export function isPassing(error: unknown): boolean {
  return !isServerError(error) || error.code === '40001' || error.code === '40P01' || /^(?:08|53|57P)/.test(error.code)
}

/** Whether a statement failed because rows refer to its own. */
export function isReferred(error: unknown): boolean {
  return isServerError(error) && (error.code === '23503' || error.code === '23001')
}

export function failed(what: string, error: unknown): RemovalOutcome {
  if (error instanceof DustpanError) return { state: 'failed', error, retry: false }
  const state = isServerError(error) ? ` (SQLSTATE ${error.code})` : ''
  const detail = isServerError(error) && error.detail ? `: ${error.detail}` : ''
  return failedWith('DUSTPAN_REMOVAL_FAILED', `${what}: ${messageOf(error)}${detail}${state}`, {
    cause: error,
    passing: isPassing(error),
  })
}
