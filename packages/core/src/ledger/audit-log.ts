/**
 * The audit log: what was removed, reset and refused, and by whom. Append-only JSON lines beside the runs, one file per month. Removals are
 * first written to the journals, begun and ended; their audit lines are derived from these when a run is over, so that no removal waits for
 * a second file, and they remain when the journals are deleted. Actions without a journal are written at once.
 */
import { closeSync, fstatSync, readdirSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { clock } from '../clock/clock.ts'
import { DustpanError, messageOf } from '../errors/dustpan-error.ts'
import { openForAppending } from '../journal/open-for-appending.ts'
import { type Who, who } from './who.ts'

export interface AuditEntry {
  readonly v: 1
  /** ISO 8601. */
  readonly at: string
  readonly what: 'removal' | 'restore' | 'by-predicate' | 'reset' | 'access'
  /**
   * A resource's state (`removed`, `refused`); `restored`, `there` (was never gone); `unknown`: begun, end not recorded; by predicate also
   * `begun`, `marked`.
   */
  readonly result: string
  readonly by: Who & { readonly build?: string }
  readonly environment: string
  readonly run?: string
  /** Unique within its run. */
  readonly batch?: string
  /** The driver instance. */
  readonly driver?: string
  /** Host, port, database. */
  readonly store?: string
  readonly type?: string
  /** The predicate, for actions whose resources are not recorded one by one. */
  readonly predicate?: string
  readonly count?: number
  readonly keys?: readonly string[]
  readonly why?: string
  readonly code?: string
  readonly message?: string
}

/** Where the log is, and the environment. */
export interface Audited {
  readonly dir: string
  readonly environmentName: string
}

/** An entry without the fields that {@link recordAudit} fills in. */
export type AuditFact = Omit<AuditEntry, 'v' | 'at' | 'by' | 'environment'>

/** Writes entries for actions without a run's journal: by predicate, resets, refusals before a run. @throws like {@link appendAudit} */
export function recordAudit({ dir, environmentName }: Audited, facts: readonly AuditFact[]): void {
  const common = { v: 1, at: clock.iso(), by: who(), environment: environmentName } as const
  appendAudit(
    dir,
    facts.map((fact) => ({ ...common, ...fact })),
  )
}

/** Appends in one write. @throws DustpanError `DUSTPAN_LEDGER_UNWRITABLE` */
export function appendAudit(dir: string, entries: readonly AuditEntry[]): void {
  if (entries.length === 0) return
  const file = join(folderIn(dir), `${clock.iso().slice(0, 7)}.jsonl`)
  try {
    append(dir, file, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''))
  } catch (cause) {
    throw new DustpanError('DUSTPAN_LEDGER_UNWRITABLE', `${file} could not be written: ${messageOf(cause)}`, {
      hint: 'Free disk space, or set DUSTPAN_DIR to a writable folder.',
      cause,
    })
  }
}

function append(dir: string, file: string, lines: string): void {
  const fd = openForAppending(dir, file)
  try {
    // Starts a new line, in case the last one was torn when its process died.
    const bytes = Buffer.from(fstatSync(fd).size > 0 ? `\n${lines}` : lines)
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at)
  } finally {
    closeSync(fd)
  }
}

/** All entries, oldest first, and the number of unreadable lines. */
export function readAudit(dir: string): { readonly entries: readonly AuditEntry[]; readonly torn: number } {
  const lines = filesIn(folderIn(dir)).flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== ''),
  )
  const entries = lines.flatMap((line) => parsed(line) ?? [])
  return { entries, torn: lines.length - entries.length }
}

const folderIn = (dir: string): string => join(dir, 'audit')

function filesIn(folder: string): readonly string[] {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith('.jsonl'))
    return names.sort().map((name) => join(folder, name))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

function parsed(line: string): AuditEntry | undefined {
  try {
    const entry = JSON.parse(line) as Partial<AuditEntry> | null
    const isEntry = typeof entry?.at === 'string' && typeof entry.what === 'string' && typeof entry.result === 'string'
    return isEntry && typeof entry.by === 'object' ? (entry as AuditEntry) : undefined
  } catch {
    return undefined
  }
}
