/** The audit log of a ledger: entries from its files, and those that so far are only in journals. */

import { printError } from '../errors/print-error.ts'
import type { WriterIdentity } from '../journal/events.ts'
import { type JournalContent, listRuns, readRun } from '../journal/read.ts'
import { type AuditEntry, appendAudit, readAudit } from '../ledger/audit-log.ts'
import { foldRun } from '../ledger/fold.ts'
import type { FoldedRun } from '../ledger/folded-run.ts'
import { auditOf } from '../report/audit.ts'

/**
 * When a run is over, adds its removals to the log, for the writers that `isOurs` selects. Never throws.
 * Further calls add only new entries.
 */
export function auditRun(dir: string, isOurs: (writer: WriterIdentity) => boolean): RunAudit {
  const written = new Set<string>()
  return (folded, journals) => {
    const ours = journals.filter(({ events }) => events.some((event) => event.e === 'writer' && isOurs(event)))
    const entries = auditOf(folded, ours).filter((entry) => !written.has(idOf(entry)))
    try {
      appendAudit(dir, entries)
      for (const entry of entries) written.add(idOf(entry))
    } catch (error) {
      printError(error, 'DUSTPAN_LEDGER_UNWRITABLE')
    }
  }
}

export type RunAudit = (folded: FoldedRun, journals: readonly JournalContent[]) => void

/** All entries, oldest first. The entries of a killed or running run come from its journals. */
export function readWholeAudit(dir: string): { readonly entries: readonly AuditEntry[]; readonly torn: number } {
  const { entries, torn } = readAudit(dir)
  const known = new Set(entries.map(idOf))
  const open = listRuns(dir).flatMap(({ id }) => {
    const journals = readRun(dir, id)
    return auditOf(foldRun(id, journals), journals).filter((entry) => !known.has(idOf(entry)))
  })
  return { entries: [...entries, ...open].sort((a, b) => (a.at < b.at ? -1 : 1)), torn }
}

const idOf = ({ run = '', batch = '' }: AuditEntry): string => `${run}\n${batch}`
