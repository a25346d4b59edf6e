/** Checks the ledger's folder. */
import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { listRuns, readRun, type Settings } from '@dustpan/core/ledger'
import { counted } from '../../counted.ts'
import { isIgnored } from '../../project/git-ignore.ts'
import type { Project } from '../../project/project.ts'
import { type Check, fine, warning, wrong } from '../check.ts'

/** Unreadable lines are searched in this many of the newest runs. */
const maxRuns = 50

export function ledger({ dir }: Settings, project: Project): readonly Check[] {
  const place = relative(project.folder, dir) || dir
  const denied = notWritable(dir)
  if (denied !== undefined)
    return [
      wrong('Ledger', `this user cannot write to ${denied}`, {
        fix: 'Grant this user write access, or set DUSTPAN_DIR to another folder.',
      }),
    ]
  if (!existsSync(dir)) return [fine('Ledger', `${place}, not created yet`), ...ignored(dir, project)]
  const runs = listRuns(dir)
  const size = `${counted(runs.length, 'run')}, ${sizeText(sizeOf(dir))}`
  return [fine('Ledger', `${place}, ${size}`), ...unreadable(dir, runs.slice(0, maxRuns)), ...ignored(dir, project)]
}

/** The folder that this user cannot write to: the ledger's, or the one where it would be created. */
function notWritable(dir: string): string | undefined {
  for (let folder = dir; ; folder = dirname(folder)) {
    if (!existsSync(folder) && folder !== dirname(folder)) continue
    try {
      accessSync(folder, constants.W_OK)
      return undefined
    } catch {
      return folder
    }
  }
}

const sizeText = (bytes: number): string =>
  bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`

function sizeOf(dir: string): number {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce(
      (sum, { parentPath, name }) => sum + (statSync(join(parentPath, name), { throwIfNoEntry: false })?.size ?? 0),
      0,
    )
}

function unreadable(dir: string, runs: readonly { readonly id: string }[]): readonly Check[] {
  const torn = runs.flatMap(({ id }) => tornIn(dir, id))
  const [first] = torn
  if (first === undefined) return []
  const lines = torn.reduce((sum, { count }) => sum + count, 0)
  const more = torn.length > 1 ? ` and ${counted(torn.length - 1, 'more file')}` : ''
  return [
    warning(
      'Ledger',
      `${counted(lines, 'unreadable line')} in ${relative(dir, first.file)}${more}; everything else is used`,
      {
        fix: 'A process killed while writing leaves one such line; more come from a full disk, or from another program writing there. `npx dustpan list <run>` shows what is known.',
      },
    ),
  ]
}

function tornIn(dir: string, run: string): readonly { readonly file: string; readonly count: number }[] {
  try {
    return readRun(dir, run).flatMap(({ file, torn }) => (torn.length > 0 ? [{ file, count: torn.length }] : []))
  } catch {
    // The run has no journal, or is being deleted.
    return []
  }
}

/** The ledger has its own .gitignore, unless it was deleted; before the first run there is only the project's. */
function ignored(dir: string, project: Project): readonly Check[] {
  if (existsSync(join(dir, '.gitignore')) || isIgnored(project.read('.gitignore') ?? '')) return []
  if (!existsSync(join(project.folder, '.git'))) return []
  return [warning('Ledger', `${relative(project.folder, dir)} is not in .gitignore`, { run: 'npx dustpan init' })]
}
