import { redact } from '@dustpan/core/ledger'
import { structuredPatch } from 'diff'
import type { Change } from '../project/runner.ts'

/** The changed lines with two lines of context: ` same`, `-removed`, `+added`. Secrets are redacted. */
export function diffOf({ file, before = '', after }: Change): readonly string[] {
  const { hunks } = structuredPatch(file, file, before, after, undefined, undefined, { context: 2 })
  return hunks.flatMap(({ lines, oldStart, newStart }, i) => [
    ...(i > 0 ? [`@@ -${oldStart} +${newStart} @@`] : []),
    ...lines.filter((line) => !line.startsWith('\\')).map(redact),
  ])
}
