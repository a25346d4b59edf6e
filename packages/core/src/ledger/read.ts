/** Reads a run's journals. A torn or unreadable line is dropped and counted, never fatal. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DustpanError, isDustpanError, messageOf } from '../errors/dustpan-error.ts'
import { compactedLines, isJournal, plainName } from './compacted-journal.ts'
import { isLedgerEvent } from './event-shape.ts'
import type { LedgerEvent } from './events.ts'
import { linesOf } from './lines-of.ts'
import { sharing } from './sharing.ts'

export interface JournalContent {
  readonly file: string
  readonly events: readonly LedgerEvent[]
  /** Line numbers, from 1, that could not be read. */
  readonly torn: readonly number[]
}

export interface RunSummary {
  readonly id: string
  /** The folder's age decides the order: newest first. */
  readonly dir: string
}

/** The runs that a ledger holds, newest first; ids sort by time. */
export function listRuns(dir: string): readonly RunSummary[] {
  return entries(join(dir, 'runs'), 'folders')
    .sort()
    .reverse()
    .map((id) => ({ id, dir: join(dir, 'runs', id) }))
}

/** Every journal of a run. @throws DustpanError `DUSTPAN_UNKNOWN_RUN` */
export function readRun(dir: string, run: string): readonly JournalContent[] {
  return journalFiles(dir, run).map(readJournal)
}

/** Compacted ones by the names that they had. @throws DustpanError `DUSTPAN_UNKNOWN_RUN` */
export function journalFiles(dir: string, run: string): readonly string[] {
  const folder = join(dir, 'runs', run)
  const files = new Set(entries(folder).filter(isJournal).map(plainName))
  if (files.size === 0) throw unknownRun(dir, run)
  return [...files].sort().map((file) => join(folder, file))
}

export const unknownRun = (dir: string, run: string): DustpanError =>
  new DustpanError('DUSTPAN_UNKNOWN_RUN', `${dir} has no run ${JSON.stringify(run)}.`, {
    hint: '`dustpan list` shows the runs; DUSTPAN_DIR says where the ledger is.',
  })

/** Whether anything was tracked in it. */
export const isRecorded = (dir: string, run: string): boolean => entries(join(dir, 'runs', run)).some(isJournal)

/** As {@link readRun}; undefined where nothing was tracked in it. */
export function readRunIfThere(dir: string, run: string): readonly JournalContent[] | undefined {
  try {
    return readRun(dir, run)
  } catch (error) {
    if (isDustpanError(error) && error.code === 'DUSTPAN_UNKNOWN_RUN') return undefined
    throw error
  }
}

export function readJournal(file: string): JournalContent {
  const events: LedgerEvent[] = []
  const torn: number[] = []
  const share = sharing()
  let number = 0
  for (const line of linesIn(file)) {
    number++
    if (line === '') continue
    const event = parseLine(line)
    if (event) events.push(share(event))
    else torn.push(number)
  }
  return { file, events, torn }
}

/** It may be compacted while it is looked for: the compacted one is there before the other goes. */
export function* linesIn(file: string): Iterable<string> {
  try {
    yield* linesOf(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    yield* compactedLines(file)
  }
}

/** Undefined: it is no event. */
export function parseLine(line: string): LedgerEvent | undefined {
  try {
    const event: unknown = JSON.parse(line)
    return isLedgerEvent(event) ? event : undefined
  } catch {
    return undefined
  }
}

function entries(folder: string, kind: 'folders' | 'files' = 'files'): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() === (kind === 'folders'))
      .map(({ name }) => name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw new DustpanError('DUSTPAN_LEDGER_UNWRITABLE', `${folder} could not be read: ${messageOf(error)}`, {
      hint: 'DUSTPAN_DIR says where the ledger is: it must be a folder that can be read and written.',
      cause: error,
    })
  }
}
