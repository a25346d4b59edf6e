/** Compresses the journals of runs that have nothing left. */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { clock } from '../clock/clock.ts'
import { compactJournal, plainName } from '../journal/compacted-journal.ts'
import { listRuns } from '../journal/read.ts'
import { isCertainlyDead, isObservable } from '../processes/process-identity.ts'
import type { RunId } from '../resource/resource.ts'
import { lockRun } from './cleaner-lock.ts'
import { isSettled, type Journals, journalsIn, type RunOutline, readOutline, writeOutline } from './outline.ts'

/** How many of the newest runs are checked at the end of a run, and for how long. */
const maxRuns = 20
const budgetMs = 100

/** Larger journals stay uncompressed: compressing them would delay the end of the current run. */
const maxBytes = 16_000_000

/** Processes of another machine that have written nothing for this long are taken to be over. */
const silenceMs = 24 * 60 * 60_000

/** Never throws: a run that cannot be compacted stays as it is. */
export function compactOlderRuns(dir: string, own: RunId): void {
  const deadline = clock.monotonic() + budgetMs
  for (const { id } of newestRuns(dir, own)) {
    if (clock.monotonic() > deadline) return
    try {
      compactRun(dir, id)
    } catch {
      // Read-only, full, being cleaned, or deleted: it stays as it is.
    }
  }
}

function newestRuns(dir: string, own: RunId) {
  try {
    return listRuns(dir)
      .filter(({ id }) => id !== own)
      .slice(0, maxRuns)
  } catch {
    return []
  }
}

/** @throws what the file system throws; DustpanError `DUSTPAN_RUN_LOCKED` */
function compactRun(dir: string, run: RunId): void {
  if (plainJournals(dir, run).length === 0 || !isCompactable(readOutline(dir, run))) return
  using _lock = lockRun(dir, run)
  // Another process may have restored a resource before the lock was taken.
  const journals = journalsIn(dir, run)
  const outline = readOutline(dir, run)
  if (!isCompactable(outline)) return
  for (const file of plainJournals(dir, run)) compactJournal(file)
  const now = journalsIn(dir, run)
  if (namesIn(now) === namesIn(journals)) writeOutline(dir, run, outline, now)
}

function plainJournals(dir: string, run: RunId): readonly string[] {
  const folder = join(dir, 'runs', run)
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => join(folder, name))
  return files.filter((file) => statSync(file).size <= maxBytes)
}

/** Only if no process of the run can still write: a line added during compression would be lost. */
function isCompactable(outline: RunOutline | undefined): outline is RunOutline {
  if (!isSettled(outline)) return false
  const isSilent = clock.now() - outline.latestAt > silenceMs
  return outline.writers.every((writer) => (isObservable(writer) ? isCertainlyDead(writer) : isSilent))
}

const namesIn = (journals: Journals): string => [...new Set(Object.keys(journals).map(plainName))].join()
