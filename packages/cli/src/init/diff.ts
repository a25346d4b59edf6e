import { redact } from '@dustpan/core/ledger'
import { structuredPatch } from 'diff'
import type { Change } from '../project/runner.ts'

/** The lines that change, with two on either side: ` same`, `-gone`, `+new`. Secrets that stand there are not shown. */
export function diffOf({ file, before = '', after }: Change): readonly string[] {
  const { hunks } = structuredPatch(file, file, before, after, undefined, undefined, { context: 2 })
  return hunks.flatMap(({ lines, oldStart, newStart }, i) => [
    ...(i > 0 ? [`@@ -${oldStart} +${newStart} @@`] : []),
    ...lines.filter((line) => !line.startsWith('\\')).map(redact),
  ])
}
