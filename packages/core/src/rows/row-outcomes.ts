/** Outcomes of rows, in the same words for every database with rows. */
import type { Code } from '../errors/codes.ts'
import { DustpanError } from '../errors/dustpan-error.ts'
import type { Json, ResourceId } from '../resource/resource.ts'
import type { RemovalOutcome, Target } from '../resource/target.ts'

export type Outcomes = Map<ResourceId, RemovalOutcome>

export function each(targets: readonly Pick<Target, 'id'>[], outcome: RemovalOutcome): Outcomes {
  const outcomes: Outcomes = new Map()
  for (const { id } of targets) outcomes.set(id, outcome)
  return outcomes
}

export function together(parts: readonly Outcomes[]): Outcomes {
  const filled = parts.filter((part) => part.size > 0)
  return filled.length === 1 && filled[0] ? filled[0] : new Map(filled.flatMap((part) => [...part]))
}

export const removed: RemovalOutcome = { state: 'removed', result: '1 row' }
/** Gone for the application; the row still exists. */
export const marked: RemovalOutcome = { state: 'removed', result: 'marked', marked: true }
export const alreadyGone: RemovalOutcome = { state: 'already-gone', result: '0 rows' }
/** Reports rows of batches with `set` as marked instead of removed. */
export function markedOutcomes(
  batches: readonly { readonly set?: unknown; readonly targets: readonly Pick<Target, 'id'>[] }[],
  outcomes: Outcomes,
): Outcomes {
  for (const { id } of batches.flatMap(({ set, targets }) => (set === undefined ? [] : targets)))
    if (outcomes.get(id) === removed) outcomes.set(id, marked)
  return outcomes
}

/** The row is locked by a transaction. */
export const locked: RemovalOutcome = { state: 'pending', why: 'open-transaction', afterMs: 1_000 }

export function failedWith(
  code: Code,
  message: string,
  { cause, passing = false, hint }: { cause?: unknown; passing?: boolean; hint?: string } = {},
): RemovalOutcome {
  const error = new DustpanError(code, message, { cause, ...(hint === undefined ? {} : { hint }) })
  return { state: 'failed', error, retry: passing ? {} : false }
}

/** `why`: `the table was emptied or made anew since`. */
export function notOurRow(table: string, key: Json, why: string): RemovalOutcome {
  const message = `The row ${JSON.stringify(key)} in ${table} is not the one that was created: ${why}`
  const hint = 'Nothing was removed. Look at the row; forget the record if it is not test data'
  const error = new DustpanError('DUSTPAN_NOT_OURS', message, { hint })
  return { state: 'refused', why: 'not-ours', detail: { table, key }, error }
}

/** Maximum number of dependents named per row. */
const named = 5

export function rowWithDependents(
  table: string,
  key: Json,
  dependents: readonly { readonly type: string; readonly key: Json }[],
): RemovalOutcome {
  const list = dependents.slice(0, named).map(({ type, key }) => ({ type, key }))
  const names = list.map((dependent) => `${dependent.type} ${JSON.stringify(dependent.key)}`).join(', ')
  const message = `The row ${JSON.stringify(key)} in ${table} is referenced by rows that are not to be removed: ${names}`
  const hint = 'Nothing of it was removed. Remove these rows first, or track them as well'
  const error = new DustpanError('DUSTPAN_HAS_DEPENDENTS', message, { hint })
  return {
    state: 'refused',
    why: 'has-dependents',
    detail: { dependents: list, more: dependents.length - list.length },
    error,
  }
}

export function rowStillThere(table: string, key: Json, hint: string): RemovalOutcome {
  const message = `The row ${JSON.stringify(key)} in ${table} is still there after its removal`
  return failedWith('DUSTPAN_STILL_THERE', message, { passing: true, hint })
}
