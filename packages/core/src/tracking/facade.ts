/** What tests import: thin, so that a test file that uses it loads next to nothing. */
import { theInstance } from './instance.ts'
import type { TestScope } from './test-scope.ts'
import type { Tracked } from './track.ts'
import type { TrackInput } from './track-input.ts'

/**
 * Puts something that the test created on record, to be removed when its time has come. The record is on disk when this
 * returns, and nothing rejects later.
 *
 * @example track({ type: 'user', id: user.id, remove: 'DELETE /users/{id}' })
 * @example track({ type: 'user', id: 7, remove: { table: 'users', store: 'main' } })
 * @throws TypeError `DUSTPAN_INVALID_ARGUMENT` on a wrong argument
 * @throws DustpanError `DUSTPAN_NO_SCOPE` outside of a run; `DUSTPAN_UNKNOWN_DRIVER`, `DUSTPAN_UNKNOWN_CLEANER` for names the configuration does not have
 */
export function track(input: TrackInput): Tracked {
  return theInstance('track()').track(input)
}

/**
 * The scope of the running test (or of its file, in `beforeAll`).
 * @throws DustpanError `DUSTPAN_NO_SCOPE` outside of a run
 */
export function scope(): TestScope {
  return theInstance('scope()').scope()
}

/**
 * Makes an empty folder that is removed with all it holds when the test is over, or kept when the test failed and the policy says so.
 * @param name letters, digits, `.`, `_` and `-`; part of the folder's name
 * @returns its absolute path
 */
export function temporaryFolder(name?: string): string {
  return theInstance('temporaryFolder()').temporaryFolder(name)
}
