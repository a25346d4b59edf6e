/** A run for callers that only count its resources. */
import { statSync } from 'node:fs'
import { journalFiles, readRun } from '../journal/read.ts'
import type { ResourceId, RunId } from '../resource/resource.ts'
import { foldRun } from './fold.ts'
import type { FoldedRun } from './folded-run.ts'
import { mergeAlike } from './merge-alike.ts'

export interface RunToCount {
  readonly run: FoldedRun
  /** How many resources this one represents. */
  weightOf(id: ResourceId): number
}

/** Size of the journals in bytes; merging gains nothing below it. */
const largeBytes = 8_000_000

/** @throws DustpanError `DUSTPAN_UNKNOWN_RUN` */
export function runToCount(dir: string, id: RunId): RunToCount {
  const files = journalFiles(dir, id)
  if (sizeOf(files) < largeBytes) return { run: foldRun(id, readRun(dir, id)), weightOf: () => 1 }
  const { journals, weightOf, startedAt, latestAt } = mergeAlike(files)
  return { run: { ...foldRun(id, journals), startedAt, latestAt }, weightOf }
}

/** Compacted journals count as 0: they are small. */
function sizeOf(files: readonly string[]): number {
  return files.reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0)
}
