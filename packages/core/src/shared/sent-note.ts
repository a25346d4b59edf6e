/** What of a run was sent to which shared ledger: `sent.json` beside its journals, which counts for nothing as soon as one of them is another. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isCopy } from '../ledger/journal-copies.ts'
import { type Journals, journalsIn } from '../ledger/outline.ts'
import type { RunId } from '../resource/resource.ts'

export interface SentNote {
  /** The shared ledger's identity. */
  readonly ledger: string
  readonly journals: Journals
}

const sentFile = (folder: string): string => join(folder, 'sent.json')

/** Where it cannot be written, it is sent again, and the ledger has it already. */
export function noteSent(folder: string, sent: SentNote): void {
  try {
    writeFileSync(sentFile(folder), `${JSON.stringify(sent)}\n`, { mode: 0o600 })
  } catch {}
}

/** Whether all that is of this machine was sent to that ledger. */
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

/** Of the journals that are of this machine; to be looked at before they are sent. */
export function ownSizes(dir: string, run: RunId): Journals {
  return Object.fromEntries(Object.entries(journalsIn(dir, run)).filter(([name]) => !isCopy(name)))
}
