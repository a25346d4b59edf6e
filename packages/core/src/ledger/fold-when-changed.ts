/** Of a large run the fold is dear: it is made again when something was written. */
import type { RunId } from '../resource/resource.ts'
import { foldRun } from './fold.ts'
import type { FoldedRun } from './folded-run.ts'
import { journalsIn, keepOutline } from './outline.ts'
import { readRunIfThere } from './read.ts'

/** Gives what the ledger says now. Whoever removes something keeps the resources of the fold up to date itself. */
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
