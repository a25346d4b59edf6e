/** Reads a run's journals. A torn or unreadable line is skipped and counted, never fatal. */
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
  /** Numbers of unreadable lines, from 1. */
  readonly torn: readonly number[]
}

export interface RunSummary {
  readonly id: string
  readonly dir: string
}

/** The runs in a ledger, newest first; their ids sort by time. */
export function listRuns(dir: string): readonly RunSummary[] {
  return entries(join(dir, 'runs'), 'folders')
    .sort()
    .reverse()
    .map((id) => ({ id, dir: join(dir, 'runs', id) }))
}

/** All journals of a run. @throws DustpanError `DUSTPAN_UNKNOWN_RUN` */
export function readRun(dir: string, run: string): readonly JournalContent[] {
  return journalFiles(dir, run).map(readJournal)
}

/** The journals' paths; compacted ones by their plain names. @throws DustpanError `DUSTPAN_UNKNOWN_RUN` */
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

/** Whether the run has any journal. */
export const isRecorded = (dir: string, run: string): boolean => entries(join(dir, 'runs', run)).some(isJournal)

/** Like {@link readRun}; undefined if the run has no journal. */
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

/** The journal may be compacted while it is opened: the compacted file exists before the plain one is deleted. */
export function* linesIn(file: string): Iterable<string> {
  try {
    yield* linesOf(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    yield* compactedLines(file)
  }
}

/** Undefined if the line is no event. */
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
