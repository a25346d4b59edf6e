/** Runs that are going on: what is theirs nobody else removes. */
import type { Json, ResourceSet, RunId } from '../resource/resource.ts'
import { type FoldedRun, foldRun } from './fold.ts'
import { isGoingOn } from './liveness.ts'
import { listRuns, readRun } from './read.ts'

/** As far as this ledger knows; `own` is not another's. */
export function liveRuns(dir: string, own?: RunId): readonly FoldedRun[] {
  const others = listRuns(dir).filter(({ id }) => id !== own)
  return others.map(({ id }) => foldRun(id, readRun(dir, id))).filter(isGoingOn)
}

/** The keys of what they have on record, by every name that a thing goes by. */
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
