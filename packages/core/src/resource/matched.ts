/** Sums up the removal of one kind of rows that matched a predicate. */
import { DustpanError } from '../errors/dustpan-error.ts'
import type { Matched } from './predicate.ts'
import type { RemovalOutcome } from './target.ts'

type Kind = Pick<Matched, 'type' | 'method'>

/** Rows that were not removed are counted by their reason. */
export function matchedOf({ type, method }: Kind, outcomes: readonly (RemovalOutcome | undefined)[]): Matched {
  const left = new Map<string, { count: number; error: DustpanError }>()
  for (const outcome of outcomes) {
    if (!outcome || outcome.state === 'removed' || outcome.state === 'already-gone') continue
    const error = ('error' in outcome && outcome.error) || lockedError(type)
    const sameError = left.get(error.code)
    left.set(error.code, { error: sameError?.error ?? error, count: (sameError?.count ?? 0) + 1 })
  }
  const count = outcomes.filter((outcome) => outcome?.state === 'removed').length
  return { type, count, method, ...(left.size > 0 ? { left: [...left.values()] } : {}) }
}

/** Files that were removed with their rows, as a kind of their own; empty if there were none. */
export function filesWithRows(outcomes: Iterable<RemovalOutcome>): readonly Matched[] {
  const files = [...outcomes].filter((outcome) => outcome.state === 'removed' && outcome.withFile)
  return files.length === 0 ? [] : [{ type: 'files', count: files.length, method: 'hard' }]
}

/** More rows matched at removal than were counted: nothing of the kind is removed. */
export function moreThanAgreed({ type, method }: Kind, agreed: number): Matched {
  const error = new DustpanError(
    'DUSTPAN_PREDICATE_REFUSED',
    `No ${type} were removed: there are more than the ${agreed.toLocaleString('en')} that were counted before.`,
    { hint: 'Rows were added meanwhile; run the plan again.' },
  )
  return { type, count: 0, method, error }
}

function lockedError(type: string): DustpanError {
  return new DustpanError('DUSTPAN_REMOVAL_FAILED', `An open transaction holds these ${type}.`, {
    hint: 'Try again when it has ended.',
  })
}
