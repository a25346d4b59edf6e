/** The functions that tests import. Thin, so that importing them loads almost nothing. */
import { requireInstance } from './instance.ts'
import type { TestScope } from './test-scope.ts'
import type { Tracked } from './track.ts'
import type { TrackInput } from './track-input.ts'

/**
 * Records something that the test created, for removal at the end of its lifetime. The record is on disk when this
 * returns, and nothing rejects later.
 *
 * @example track({ type: 'user', id: user.id, remove: 'DELETE /users/{id}' })
 * @example track({ type: 'user', id: 7, remove: { table: 'users', store: 'main' } })
 * @throws TypeError `DUSTPAN_INVALID_ARGUMENT` on a wrong argument
 * @throws DustpanError `DUSTPAN_NO_SCOPE` outside of a run; `DUSTPAN_UNKNOWN_DRIVER`, `DUSTPAN_UNKNOWN_CLEANER` for names the configuration does not have
 */
export function track(input: TrackInput): Tracked {
  return requireInstance('track()').track(input)
}

/**
 * The scope of the running test (or of its file, in `beforeAll`).
 * @throws DustpanError `DUSTPAN_NO_SCOPE` outside of a run
 */
export function scope(): TestScope {
  return requireInstance('scope()').scope()
}

/**
 * Creates an empty folder that is removed with its contents when the test is over, or kept with a failed test if the policy says so.
 * @param name letters, digits, `.`, `_` and `-`; part of the folder's name
 * @returns its absolute path
 */
export function temporaryFolder(name?: string): string {
  return requireInstance('temporaryFolder()').temporaryFolder(name)
}
