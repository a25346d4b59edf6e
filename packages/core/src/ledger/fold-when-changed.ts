/** Caches the fold of a run, which is expensive for a large one; repeats it when a journal has changed. */

import { readRunIfThere } from '../journal/read.ts'
import type { RunId } from '../resource/resource.ts'
import { foldRun } from './fold.ts'
import type { FoldedRun } from './folded-run.ts'
import { journalsIn, keepOutline } from './outline.ts'

/** Returns the present fold. A caller that removes resources updates the fold's resources itself. */
export function foldWhenChanged(dir: string, run: RunId): () => FoldedRun {
  let known: { readonly journals: string; readonly run: FoldedRun } | undefined
  return () => {
    const journals = journalsIn(dir, run)
    const names = JSON.stringify(journals)
    if (known?.journals === names) return known.run
    known = { journals: names, run: foldRun(run, readRunIfThere(dir, run) ?? []) }
    keepOutline(dir, known.run, journals)
    return known.run
  }
}
