/** The imported function: loads the pipeline only when called. */
import type { PredicateOutcome } from './outcome.ts'
import type { RemoveWhereOptions } from './remove-where.ts'

/**
 * Removes resources that no record proves to be a test's: by run, tag, owner, age or fields, in every configured store that
 * supports it. Counts them first, and only removes them if the environment's profile allows it without confirmation
 * (`byPredicate: 'automatic'`), or `confirm` returns true.
 *
 * @example await removeWhere({ owner: 'user-7' })   // { deleted: { items: 25, files: 8 }, preserved: { users: true }, … }
 * @example await removeWhere({ tag: 'test-data', olderThan: '1d', deletion: 'soft' })
 * @returns what was removed and what is left, and why; undefined if `confirm` declined.
 * @throws TypeError `DUSTPAN_INVALID_ARGUMENT` for a predicate that matches nothing or everything; DustpanError
 * `DUSTPAN_PREDICATE_REFUSED`, `DUSTPAN_PROFILE_REFUSED`, `DUSTPAN_UNKNOWN_OWNER`: nothing was removed.
 */
export async function removeWhere(options: RemoveWhereOptions): Promise<PredicateOutcome | undefined> {
  const { planAndRemove } = await import('./remove-where.ts')
  return planAndRemove(options)
}
