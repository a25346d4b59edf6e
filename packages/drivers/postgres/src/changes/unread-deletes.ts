/** Handles statements that are sent unchanged, past the answer in which deleted rows are seen. */

import type { SessionCapture } from '../capture/session-capture.ts'
import { analyse } from '../sql/analyse.ts'
import { parser } from '../sql/parser.ts'
import type { Analysis } from '../sql/statement.ts'
import { affectedTables, type DoubtedTable, doubtRows } from './replaced-rows.ts'

export const mayDelete = (text: string): boolean => /\b(?:delete|truncate|merge|drop|do|detach|execute)\b/i.test(text)

/** Notes the rows that such a statement may delete. `capture` is undefined when nothing is known of the client. */
export function doubtUnread(capture: SessionCapture | undefined, text: string): void {
  if (!mayDelete(text)) return
  const analysis = parser.loaded ? analyse(text) : undefined
  if (!analysis && parser.loaded) return
  if (!analysis || analysis.deletes)
    doubtRows(capture?.storeOrAddress, analysis ? tablesOf(capture, analysis) : ['any'])
}

function tablesOf(capture: SessionCapture | undefined, { statements, tables }: Analysis): readonly DoubtedTable[] {
  if (!capture?.session || statements.some(({ deletesUnseen }) => deletesUnseen)) return ['any']
  const isMoved = statements.some(({ changesSession, mayChangeSession }) => changesSession ?? mayChangeSession)
  return tables.flatMap((name) => {
    const table = isMoved && name.schema === undefined ? undefined : capture.facts?.tables.get(name.id)
    return table === undefined ? ['any' as const] : table ? affectedTables(table) : []
  })
}
