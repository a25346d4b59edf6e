/** What users import: nothing of the pipeline is loaded until it is called. */
import type { PredicateOutcome } from './outcome.ts'
import type { RemoveWhereOptions } from './remove-where.ts'

/**
 * Removes what no record proves to be a test's: by run, tag, owner, age or fields, in every store of the configuration that can tell. Counted
 * first, and only where the environment's profile allows it without a person being asked (`byPredicate: 'automatic'`), or `confirm` says yes.
 *
 * @example await removeWhere({ owner: 'user-7' })   // { deleted: { items: 25, files: 8 }, preserved: { users: true }, … }
 * @example await removeWhere({ tag: 'test-data', olderThan: '1d', deletion: 'soft' })
 * @returns what went and what is left, and why; undefined when `confirm` said no.
 * @throws TypeError `DUSTPAN_INVALID_ARGUMENT` for what means nothing, or everything; DustpanError `DUSTPAN_PREDICATE_REFUSED`,
 * `DUSTPAN_PROFILE_REFUSED`, `DUSTPAN_UNKNOWN_OWNER`: nothing was removed.
 */
export async function removeWhere(options: RemoveWhereOptions): Promise<PredicateOutcome | undefined> {
  const { planAndRemove } = await import('./remove-where.ts')
  return planAndRemove(options)
}
