/** Reads a run's journals. A torn or unreadable line is dropped and counted, never fatal. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DustpanError, messageOf } from '../errors/dustpan-error.ts'
import { isLedgerEvent } from './event-shape.ts'
import type { LedgerEvent } from './events.ts'

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
  const folder = join(dir, 'runs', run)
  const files = entries(folder).filter((file) => file.endsWith('.jsonl'))
  if (files.length === 0) {
    throw new DustpanError('DUSTPAN_UNKNOWN_RUN', `${dir} has no run ${JSON.stringify(run)}.`, {
      hint: '`dustpan list` shows the runs; DUSTPAN_DIR says where the ledger is.',
    })
  }
  return files.sort().map((file) => readJournal(join(folder, file)))
}

export function readJournal(file: string): JournalContent {
  const events: LedgerEvent[] = []
  const torn: number[] = []
  readFileSync(file, 'utf8')
    .split('\n')
    .forEach((line, i) => {
      if (line === '') return
      const event = parse(line)
      if (event) events.push(event)
      else torn.push(i + 1)
    })
  return { file, events, torn }
}

function parse(line: string): LedgerEvent | undefined {
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
