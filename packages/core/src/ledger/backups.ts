/**
 * What things were before their removal: `backups/<writer>.jsonl` in the run's folder, one line each. No other file of Dustpan's holds what
 * is in somebody's tables.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { clock } from '../clock/clock.ts'
import type { Json, ResourceId, RunId, WriterId } from '../resource/resource.ts'
import { openLines } from './line-file.ts'
import { linesOf } from './lines-of.ts'

export interface Backup {
  readonly id: ResourceId
  /** Of its removal steps, the one before which it was made. */
  readonly step: number
  readonly backup: Json
  /** Columns and fields that the configuration has left out. */
  readonly omitted?: readonly string[]
}

/** Where one writer's backups are: a folder beside them is free for contents that are no JSON. */
export interface BackupPlace {
  readonly dir: string
  readonly run: RunId
  readonly writer: WriterId
}

/** On the disk itself when this returns. @throws what the file system throws */
export function writeBackups({ dir, run, writer }: BackupPlace, backups: readonly Backup[]): void {
  const lines = openLines(dir, join(folderOf(dir, run), `${writer}.jsonl`))
  try {
    for (const part of parts(backups)) lines.append(part)
    lines.flush()
  } finally {
    lines.close()
  }
}

/** In pieces: a text has a longest length. */
function* parts(backups: readonly Backup[]): Iterable<string> {
  const t = clock.now()
  let text = ''
  for (const backup of backups) {
    text += `${JSON.stringify({ v: 1, t, ...backup })}\n`
    if (text.length < 1_000_000) continue
    yield text
    text = ''
  }
  if (text !== '') yield text
}

/** The newest of each thing. A line that cannot be read is left out. */
export function readBackups(dir: string, run: RunId, ids: ReadonlySet<ResourceId>): ReadonlyMap<ResourceId, Backup> {
  const found = new Map<ResourceId, Line>()
  for (const line of linesIn(folderOf(dir, run))) {
    const backup = parsed(line)
    if (!backup || !ids.has(backup.id)) continue
    if ((found.get(backup.id)?.t ?? 0) <= backup.t) found.set(backup.id, backup)
  }
  return found
}

export const folderOf = (dir: string, run: RunId): string => join(dir, 'runs', run, 'backups')

type Line = Backup & { readonly t: number }

function* linesIn(folder: string): Iterable<string> {
  for (const name of namesIn(folder)) yield* linesOf(join(folder, name))
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.jsonl'))
      .sort()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

function parsed(line: string): Line | undefined {
  try {
    const { id, step, t, backup, omitted } = JSON.parse(line) as Partial<Line>
    const isLine = typeof id === 'string' && typeof step === 'number' && typeof t === 'number' && backup !== undefined
    return isLine ? { id, step, t, backup, ...(omitted === undefined ? {} : { omitted }) } : undefined
  } catch {
    return undefined
  }
}
