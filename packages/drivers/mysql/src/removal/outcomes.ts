/** Classifies the server's errors for removals. */
import { DustpanError, messageOf, type RemovalOutcome } from '@dustpan/core/driver'
import { failedWith } from '@dustpan/core/rows'
import { isServerError } from '../mysql2.ts'

/** Whether a wait for somebody's lock timed out. */
export function isLockTimeout(error: unknown): boolean {
  return isServerError(error) && [1205, 3572].includes(error.errno)
}

/** Whether a retry may help: lost connections, deadlocks, shutdowns, exhausted resources. */
export function isPassing(error: unknown): boolean {
  return (
    !isServerError(error) ||
    [1040, 1053, 1077, 1152, 1158, 1159, 1160, 1161, 1203, 1213, 1614, 1927].includes(error.errno)
  )
}

/** Whether a statement failed because other rows refer to its rows. */
export function isReferred(error: unknown): boolean {
  return isServerError(error) && [1217, 1451].includes(error.errno)
}

/** Whether a statement would fail for any row: no privilege, read-only, no such table. */
export function isForAll(error: unknown): boolean {
  return (
    isServerError(error) && [1044, 1045, 1142, 1143, 1227, 1290, 1792, 1836, 1146, 1054, 1064].includes(error.errno)
  )
}

export function failed(what: string, error: unknown): RemovalOutcome {
  if (error instanceof DustpanError) return { state: 'failed', error, retry: false }
  const state = isServerError(error) ? ` (${error.code}, ${error.errno})` : ''
  return failedWith('DUSTPAN_REMOVAL_FAILED', `${what}: ${messageOf(error)}${state}`, {
    cause: error,
    passing: isPassing(error),
  })
}
