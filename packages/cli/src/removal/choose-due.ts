/** What of a run can be removed now, and what not. */
import { isGoingOn, type LedgerRun, type Resource, type ResourceRecord, type State } from '@dustpan/core/ledger'
import { type Filters, noneChosen, select } from '../select.ts'
import type { ToldError } from '../tell-error.ts'

export interface Choice {
  readonly records: ReadonlyMap<string, ResourceRecord>
  readonly due: readonly Resource[]
  /** The guard does not let them be removed. */
  readonly refused: readonly Resource[]
  readonly refusals: readonly ToldError[]
  /** In use by tests that are still running. */
  readonly busy: readonly Resource[]
  /** Where the filters choose nothing: that they do. */
  readonly noneChosen: string | undefined
}

const removable: ReadonlySet<State> = new Set(['live', 'pending', 'failed', 'refused', 'kept'])

export function chooseDue(run: LedgerRun, filters: Filters, goingOn: boolean = isGoingOn(run.folded())): Choice {
  const folded = run.folded()
  const records = new Map(run.records().map((record) => [record.id, record]))
  const chosen = select([...records.values()], filters)
    .map(({ id }) => folded.resources.get(id) as Resource)
    .filter(({ state, set }) => removable.has(state) && set.steps.length > 0)
    .filter((resource) => filters.expired !== true || run.isOverdue(resource, folded))
  const isOpen = ({ state }: Resource) => state === 'live' || state === 'pending'
  const inUse = (resource: Resource) => goingOn && isOpen(resource) && !run.isOverdue(resource, folded)
  const [busy, free] = partition(chosen, inUse)
  // Asked before anything is removed, and before anybody is asked.
  const errors = run.refusals(free)
  const [refused, due] = partition(free, (resource) => errors.has(resource))
  const refusals = new Map([...errors.values()].map((error) => [error.message, error]))
  const none = noneChosen([...records.values()], filters)
  return { records, due, refused, refusals: [...refusals.values()], busy, noneChosen: none }
}

function partition<T>(all: readonly T[], test: (one: T) => boolean): readonly [readonly T[], readonly T[]] {
  const yes: T[] = []
  const no: T[] = []
  for (const one of all) (test(one) ? yes : no).push(one)
  return [yes, no]
}
