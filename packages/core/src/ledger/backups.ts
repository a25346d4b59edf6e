/**
 * Backups of resources, made before their removal: `backups/<writer>.jsonl` in the run's folder, one line each. The only Dustpan files that
 * hold contents of user tables.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { clock } from '../clock/clock.ts'
import { openLines } from '../journal/line-file.ts'
import { linesOf } from '../journal/lines-of.ts'
import type { Json, ResourceId, RunId, WriterId } from '../resource/resource.ts'

export interface Backup {
  readonly id: ResourceId
  /** The index of the removal step before which it was made. */
  readonly step: number
  readonly backup: Json
  /** Columns and fields that the configuration leaves out. */
  readonly omitted?: readonly string[]
}

/** Where one writer's backups are. Drivers may put non-JSON contents into a folder beside them. */
export interface BackupPlace {
  readonly dir: string
  readonly run: RunId
  readonly writer: WriterId
}

/** Flushed to disk when this returns. @throws file system errors */
export function writeBackups({ dir, run, writer }: BackupPlace, backups: readonly Backup[]): void {
  const lines = openLines(dir, join(folderOf(dir, run), `${writer}.jsonl`))
  try {
    for (const part of parts(backups)) lines.append(part)
    lines.flush()
  } finally {
    lines.close()
  }
}

/** Split into pieces, because strings have a maximum length. */
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

/** The newest backup of each resource. Skips unreadable lines. */
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
