/** Chooses which resources of a run can be removed now. */
import { isGoingOn, type LedgerRun, type Resource, type ResourceRecord, type State } from '@dustpan/core/ledger'
import type { ErrorInfo } from '../print-error.ts'
import { type Filters, noneChosen, select } from '../select.ts'

export interface Choice {
  readonly records: ReadonlyMap<string, ResourceRecord>
  readonly due: readonly Resource[]
  /** Created again since by a test or run that keeps them: only their record is dropped. */
  readonly takenOver: readonly Resource[]
  /** Refused by the guard. */
  readonly refused: readonly Resource[]
  readonly refusals: readonly ErrorInfo[]
  /** In use by tests that are still running. */
  readonly busy: readonly Resource[]
  /** A message when the filters select nothing. */
  readonly noneChosen: string | undefined
}

const removable: ReadonlySet<State> = new Set(['live', 'pending', 'failed', 'refused', 'kept'])

export function chooseDue(run: LedgerRun, filters: Filters, inProgress: boolean = isGoingOn(run.folded())): Choice {
  const folded = run.folded()
  const records = new Map(run.records().map((record) => [record.id, record]))
  const chosen = select([...records.values()], filters)
    .map(({ id }) => folded.resources.get(id) as Resource)
    .filter(({ state, set }) => removable.has(state) && set.steps.length > 0)
    .filter((resource) => filters.expired !== true || run.isOverdue(resource, folded))
  const isOpen = ({ state }: Resource) => state === 'live' || state === 'pending'
  const inUse = (resource: Resource) => inProgress && isOpen(resource) && !run.isOverdue(resource, folded)
  const [busy, free] = partition(chosen, inUse)
  // Checked before the prompt, and before anything is removed.
  const errors = run.refusals(free)
  const [refused, allowed] = partition(free, (resource) => errors.has(resource))
  const taken = run.takenOver(allowed)
  const [takenOver, due] = partition(allowed, (resource) => taken.has(resource))
  const refusals = new Map([...errors.values()].map((error) => [error.message, error]))
  const none = noneChosen([...records.values()], filters)
  return { records, due, takenOver, refused, refusals: [...refusals.values()], busy, noneChosen: none }
}

function partition<T>(all: readonly T[], test: (item: T) => boolean): readonly [readonly T[], readonly T[]] {
  const yes: T[] = []
  const no: T[] = []
  for (const item of all) (test(item) ? yes : no).push(item)
  return [yes, no]
}
