/** Runs of which nothing is left take little room: their journals are compressed. */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { clock } from '../clock/clock.ts'
import type { RunId } from '../resource/resource.ts'
import { lockRun } from './cleaner-lock.ts'
import { compactJournal, plainName } from './compacted-journal.ts'
import { isSettled, type Journals, journalsIn, type RunOutline, readOutline, writeOutline } from './outline.ts'
import { isCertainlyDead, isObservable } from './process-identity.ts'
import { listRuns } from './read.ts'

/** How many of the newest runs are looked at, and for how long, at the end of another. */
const newest = 20
const budgetMs = 100

/** Larger ones stay as they are: to compress them would keep the run that is about to end. */
const largest = 16_000_000

/** What another machine's processes have not written to for so long, they write to no more. */
const silenceMs = 24 * 60 * 60_000

/** Never throws: what cannot be compacted stays as it is. */
export function compactOlderRuns(dir: string, own: RunId): void {
  const deadline = clock.monotonic() + budgetMs
  for (const { id } of newestRuns(dir, own)) {
    if (clock.monotonic() > deadline) return
    try {
      compactRun(dir, id)
    } catch {
      // Read-only, full, being cleaned, or somebody has deleted it: it is read as it is.
    }
  }
}

function newestRuns(dir: string, own: RunId) {
  try {
    return listRuns(dir)
      .filter(({ id }) => id !== own)
      .slice(0, newest)
  } catch {
    return []
  }
}

/** @throws what the file system throws; DustpanError `DUSTPAN_RUN_LOCKED` */
function compactRun(dir: string, run: RunId): void {
  if (plainJournals(dir, run).length === 0 || !isCompactable(readOutline(dir, run))) return
  using _lock = lockRun(dir, run)
  // Until it was locked, somebody may have brought something back.
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
  return files.filter((file) => statSync(file).size <= largest)
}

/** No process of it can write any more: a line that is added while a file is compressed would be lost. */
function isCompactable(outline: RunOutline | undefined): outline is RunOutline {
  if (!isSettled(outline)) return false
  const isSilent = clock.now() - outline.latestAt > silenceMs
  return outline.writers.every((writer) => (isObservable(writer) ? isCertainlyDead(writer) : isSilent))
}

const namesIn = (journals: Journals): string => [...new Set(Object.keys(journals).map(plainName))].join()
