import { listRuns } from '../journal/read.ts'
import type { Resource, RunId } from '../resource/resource.ts'
import { foldWhenChanged } from './fold-when-changed.ts'
import type { FoldedRun } from './folded-run.ts'
import { liveRuns } from './live-runs.ts'
import { type RunOutline, readOutline } from './outline.ts'

/** Resources of other runs in this ledger that stay: all of those still going on, and those that the others keep. */
export function keptByOtherRuns(dir: string, own: RunId): readonly Resource[] {
  const live = liveRuns(dir, own).flatMap(({ resources }) => [...resources.values()])
  // Every run that is over has an outline by now.
  const others = listRuns(dir).filter(({ id }) => id !== own && hasKept(readOutline(dir, id)))
  return [...live, ...others.flatMap(({ id }) => keptIn(dir, id))]
}

/** Live leftovers of a killed run do not count: they are to be removed, too. */
function hasKept(outline: RunOutline | undefined): boolean {
  if (!outline) return false
  const { ended, states } = outline
  return (states.kept ?? 0) > 0 || (ended !== undefined && (states.live ?? 0) > 0)
}

/** Cached: a caller that cleans up several runs in turn asks for each. */
const folds = new Map<string, () => FoldedRun>()

function keptIn(dir: string, id: RunId): readonly Resource[] {
  const place = `${dir}\n${id}`
  const fold = folds.get(place) ?? foldWhenChanged(dir, id)
  folds.set(place, fold)
  return [...fold().resources.values()].filter(isKept)
}

const isKept = ({ state, set }: Resource): boolean =>
  state === 'kept' || (state === 'live' && set.lifetime === 'persistent')
