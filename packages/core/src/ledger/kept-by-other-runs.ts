import type { Resource, RunId } from '../resource/resource.ts'
import { foldWhenChanged } from './fold-when-changed.ts'
import type { FoldedRun } from './folded-run.ts'
import { liveRuns } from './live-runs.ts'
import { type RunOutline, readOutline } from './outline.ts'
import { listRuns } from './read.ts'

/** What other runs of this ledger have that stays: everything of those that go on, and what the others keep. */
export function keptByOtherRuns(dir: string, own: RunId): readonly Resource[] {
  const live = liveRuns(dir, own).flatMap(({ resources }) => [...resources.values()])
  // Of whatever does not go on there is an outline by now.
  const others = listRuns(dir).filter(({ id }) => id !== own && keeps(readOutline(dir, id)))
  return [...live, ...others.flatMap(({ id }) => keptIn(dir, id))]
}

/** What a run has left that was killed is to go as well. */
function keeps(outline: RunOutline | undefined): boolean {
  if (!outline) return false
  const { ended, states } = outline
  return (states.kept ?? 0) > 0 || (ended !== undefined && (states.live ?? 0) > 0)
}

/** Of few runs, mostly: whoever cleans up one run after the other asks for each. */
const folds = new Map<string, () => FoldedRun>()

function keptIn(dir: string, id: RunId): readonly Resource[] {
  const place = `${dir}\n${id}`
  const fold = folds.get(place) ?? foldWhenChanged(dir, id)
  folds.set(place, fold)
  return [...fold().resources.values()].filter(isKept)
}

const isKept = ({ state, set }: Resource): boolean =>
  state === 'kept' || (state === 'live' && set.lifetime === 'persistent')
