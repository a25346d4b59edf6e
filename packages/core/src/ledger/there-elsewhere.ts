import type { Resource, RunId } from '../resource/resource.ts'
import { foldWhenChanged } from './fold-when-changed.ts'
import type { FoldedRun } from './folded-run.ts'
import { isGoingOn } from './liveness.ts'
import { isOnRecord, type RunOutline, readOutline } from './outline.ts'
import { listRuns } from './read.ts'

/** Of few runs, mostly: whoever cleans up one run after the other asks for each. */
const folds = new Map<string, () => FoldedRun>()

/** What other runs of this ledger have that stays: everything of those that go on, and what the others keep. */
export function thereElsewhere(dir: string, own: RunId): readonly Resource[] {
  const others = listRuns(dir).filter(({ id }) => id !== own && isOnRecord(dir, id))
  return others.flatMap(({ id }) => {
    const outline = readOutline(dir, id)
    return outline && !isGoingOn(outline) && !keeps(outline) ? [] : stayingIn(dir, id)
  })
}

/** What a run has left that was killed is to go as well. */
const keeps = ({ ended, states }: RunOutline): boolean =>
  (states.kept ?? 0) > 0 || (ended !== undefined && (states.live ?? 0) > 0)

function stayingIn(dir: string, id: RunId): readonly Resource[] {
  const place = `${dir}\n${id}`
  const fold = folds.get(place) ?? foldWhenChanged(dir, id)
  const run = fold()
  const all = [...run.resources.values()]
  const staying = isGoingOn(run) ? all : all.filter(isKept)
  if (staying.length > 0) folds.set(place, fold)
  else folds.delete(place)
  return staying
}

const isKept = ({ state, set }: Resource): boolean =>
  state === 'kept' || (state === 'live' && set.lifetime === 'persistent')
