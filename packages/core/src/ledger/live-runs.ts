/** Runs that are going on: what is theirs nobody else removes. */
import type { Json, RunId } from '../resource/resource.ts'
import { type FoldedRun, foldRun } from './fold.ts'
import { isGoingOn } from './liveness.ts'
import { listRuns, readRun } from './read.ts'

/** As far as this ledger knows; `own` is not another's. */
export function liveRuns(dir: string, own?: RunId): readonly FoldedRun[] {
  const others = listRuns(dir).filter(({ id }) => id !== own)
  return others.map(({ id }) => foldRun(id, readRun(dir, id))).filter(isGoingOn)
}

/** The keys of what they have on record, by type. */
export function liveKeys(runs: readonly FoldedRun[]): { readonly [type: string]: readonly Json[] } {
  const all = runs.flatMap(({ resources }) => [...resources.values()])
  const byType = Map.groupBy(all, ({ set }) => set.type)
  return Object.fromEntries([...byType].map(([type, resources]) => [type, resources.map(({ key }) => key)]))
}
