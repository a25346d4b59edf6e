/**
 * What was removed, reset and refused, and by whom: append-only JSON lines beside the runs, a file for each month. Removals stand in the
 * journals first, begun and ended; their lines are written from these when a run is over, so that no removal waits for a second file, and
 * they stay when the journals go. What has no journal is written at once.
 */
import { closeSync, fstatSync, readdirSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { clock } from '../clock/clock.ts'
import { DustpanError, messageOf } from '../errors/dustpan-error.ts'
import { openForAppending } from './open-for-appending.ts'
import { type Who, who } from './who.ts'

export interface AuditEntry {
  readonly v: 1
  /** ISO 8601. */
  readonly at: string
  readonly what: 'removal' | 'restore' | 'by-predicate' | 'reset' | 'access'
  /**
   * A resource's state (`removed`, `refused`); `restored`, `there` (it never was away); `unknown`: begun, and nobody wrote down how it ended; by
   * predicate `begun`, `marked`.
   */
  readonly result: string
  readonly by: Who & { readonly build?: string }
  readonly environment: string
  readonly run?: string
  /** Unique in its run. */
  readonly batch?: string
  /** The driver instance. */
  readonly driver?: string
  /** Host, port, database. */
  readonly store?: string
  readonly type?: string
  /** What was asked for, where no record says which things. */
  readonly predicate?: string
  readonly count?: number
  readonly keys?: readonly string[]
  readonly why?: string
  readonly code?: string
  readonly message?: string
}

/** Where it is written, and for which environment. */
export interface Audited {
  readonly dir: string
  readonly environmentName: string
}

/** What only the caller knows of an act that is over. */
export type AuditFact = Omit<AuditEntry, 'v' | 'at' | 'by' | 'environment'>

/** For what has no journal of a run: by predicate, resets, refusals before a run. @throws as {@link appendAudit} does. */
export function recordAudit({ dir, environmentName }: Audited, facts: readonly AuditFact[]): void {
  const common = { v: 1, at: clock.iso(), by: who(), environment: environmentName } as const
  appendAudit(
    dir,
    facts.map((fact) => ({ ...common, ...fact })),
  )
}

/** In one write. @throws DustpanError `DUSTPAN_LEDGER_UNWRITABLE` */
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
    // A line that was torn when its process died ends here.
    const bytes = Buffer.from(fstatSync(fd).size > 0 ? `\n${lines}` : lines)
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at)
  } finally {
    closeSync(fd)
  }
}

/** Every line, oldest first; how many could not be read. */
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
