/** Notes which of a run's journals were sent to which shared ledger: `sent.json` beside the journals. The note is void once a journal changes. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isCopy } from '../journal/journal-copies.ts'
import { type Journals, journalsIn } from '../ledger/outline.ts'
import type { RunId } from '../resource/resource.ts'

export interface SentNote {
  /** The shared ledger's identity. */
  readonly ledger: string
  readonly journals: Journals
}

const sentFile = (folder: string): string => join(folder, 'sent.json')

/** If the note cannot be written, the journals are sent again; the ledger ignores lines it already has. */
export function noteSent(folder: string, sent: SentNote): void {
  try {
    writeFileSync(sentFile(folder), `${JSON.stringify(sent)}\n`, { mode: 0o600 })
  } catch {}
}

/** Whether all journals of this machine were sent to that ledger. */
export function isSent(dir: string, run: RunId, ledger: string): boolean {
  const own = ownSizes(dir, run)
  if (Object.keys(own).length === 0) return true
  try {
    const sent = JSON.parse(readFileSync(sentFile(join(dir, 'runs', run)), 'utf8')) as Partial<SentNote>
    return sent.ledger === ledger && JSON.stringify(sent.journals) === JSON.stringify(own)
  } catch {
    return false
  }
}

/** Size and time of this machine's own journals. Read these before sending. */
export function ownSizes(dir: string, run: RunId): Journals {
  return Object.fromEntries(Object.entries(journalsIn(dir, run)).filter(([name]) => !isCopy(name)))
}
