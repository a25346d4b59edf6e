/** Runs that are still going on: their resources are not removed by others. */

import { listRuns } from '../journal/read.ts'
import type { Json, ResourceSet, RunId } from '../resource/resource.ts'
import type { FoldedRun } from './folded-run.ts'
import { isGoingOn } from './liveness.ts'
import { foldAndOutline, isOnRecord, outlineOf, type RunOutline, readOutline } from './outline.ts'

/** As far as this ledger knows; without the run `own`. */
export function liveRuns(dir: string, own?: RunId): readonly FoldedRun[] {
  const others = listRuns(dir).filter(({ id }) => id !== own && isOnRecord(dir, id) && !isKnownToBeOver(dir, id))
  return others.map(({ id }) => foldAndOutline(dir, id)).filter(isGoingOn)
}

/** Other runs with an event since then that are over. A run that has just begun may have no record yet. */
export function overSince(dir: string, live: readonly FoldedRun[], since: number): readonly RunId[] {
  const goingOn = new Set(live.map(({ id }) => id))
  const others = listRuns(dir).filter(({ id }) => !goingOn.has(id) && isOnRecord(dir, id))
  return others.map(({ id }) => id).filter((id) => isOverSince(outlineOf(dir, id), since))
}

const isOverSince = (outline: RunOutline, since: number): boolean => outline.latestAt >= since && !isGoingOn(outline)

function isKnownToBeOver(dir: string, run: RunId): boolean {
  const outline = readOutline(dir, run)
  return outline !== undefined && !isGoingOn(outline)
}

/** The recorded keys of these runs, by every type name of the resources. */
export function liveKeys(
  runs: readonly FoldedRun[],
  namesOf: (set: ResourceSet) => readonly string[],
): { readonly [type: string]: readonly Json[] } {
  const keys = new Map<string, Json[]>()
  for (const { set, key } of runs.flatMap(({ resources }) => [...resources.values()])) {
    for (const name of new Set(namesOf(set))) {
      const known = keys.get(name)
      if (known) known.push(key)
      else keys.set(name, [key])
    }
  }
  return Object.fromEntries(keys)
}
