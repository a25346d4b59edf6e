import { DustpanError } from '../errors/dustpan-error.ts'
import type { CleanupReport } from '../report/model.ts'
import { isBad, isUnreachable } from '../resource/resource.ts'

/** The error that fails the test with `onCleanupFailure: 'fail'`. Undefined if cleanup succeeded. */
export function cleanupError({ scopes }: CleanupReport): DustpanError | undefined {
  const all = scopes.flatMap(({ resources }) => resources)
  const resources = all.filter((one) => isBad(one.state) || isUnreachable(one))
  if (resources.length === 0) return undefined
  const list = resources.map(
    ({ type, key, state, error }) => `${type} ${key} ${state}${error ? `: ${error.message}` : ''}`,
  )
  return new DustpanError(
    'DUSTPAN_CLEANUP_FAILED',
    `${resources.length} of what the test created could not be removed: ${list.join('; ')}`,
    {
      hint: "This fails the test because of cleanup.onCleanupFailure: 'fail'.",
    },
  )
}
