/** What of a run can be removed now, and what not. */
import { isDustpanError } from '@dustpan/core'
import {
  guardStore,
  isGoingOn,
  type LedgerRun,
  type Resource,
  type ResourceRecord,
  type Settings,
  type State,
} from '@dustpan/core/ledger'
import { type Filters, select } from '../select.ts'
import type { ToldError } from '../tell-error.ts'

export interface Choice {
  readonly records: ReadonlyMap<string, ResourceRecord>
  readonly due: readonly Resource[]
  /** The guard does not let them be removed. */
  readonly refused: readonly Resource[]
  readonly refusals: readonly ToldError[]
  /** In use by tests that are still running. */
  readonly busy: readonly Resource[]
}

const removable: ReadonlySet<State> = new Set(['live', 'pending', 'failed', 'refused', 'kept'])

export function chooseDue(run: LedgerRun, settings: Settings, filters: Filters): Choice {
  const folded = run.folded()
  const records = new Map(run.records().map((record) => [record.id, record]))
  const chosen = select([...records.values()], filters)
    .map(({ id }) => folded.resources.get(id) as Resource)
    .filter(({ state, set }) => removable.has(state) && set.steps.length > 0)
  const goingOn = isGoingOn(folded)
  const inUse = ({ state }: Resource) => goingOn && (state === 'live' || state === 'pending')
  const [busy, free] = partition(chosen, inUse)
  const refusals = new Map<string, ToldError>()
  const [refused, due] = partition(free, (resource) => isRefused(resource, settings, refusals))
  return { records, due, refused, refusals: [...refusals.values()], busy }
}

/** Asked before anything is removed, and before anybody is asked. */
function isRefused({ set: { store } }: Resource, settings: Settings, refusals: Map<string, ToldError>): boolean {
  try {
    guardStore(settings, store)
    return false
  } catch (error) {
    if (!isDustpanError(error)) throw error
    refusals.set(error.message, error)
    return true
  }
}

function partition<T>(all: readonly T[], test: (one: T) => boolean): readonly [readonly T[], readonly T[]] {
  const yes: T[] = []
  const no: T[] = []
  for (const one of all) (test(one) ? yes : no).push(one)
  return [yes, no]
}
