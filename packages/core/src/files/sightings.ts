/** Inspects paths when they are recorded. */
import { type BigIntStats, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { clock } from '../clock/clock.ts'
import { invalidArgument } from '../errors/dustpan-error.ts'
import { bornAt, isOlder } from './age.ts'
import { type FileSystem, type fileSystems, isFromLowerLayer } from './file-system.ts'
import { type Incarnation, incarnationIn, statAt } from './incarnation.ts'
import type { PathArgs } from './path-args.ts'
import { contains, realFolder } from './real-folder.ts'

export interface SightingContext {
  readonly root: string
  /** When the run began, by this process's clock. */
  readonly since: number | undefined
  readonly fileSystemOf: ReturnType<typeof fileSystems>
}

type Sightings = Omit<PathArgs, 'path' | 'from'>

/** @throws TypeError `DUSTPAN_INVALID_ARGUMENT` for a path that existed before the run began. */
export function sightingsOf(paths: readonly string[], { root, since, fileSystemOf }: SightingContext): Sightings {
  const folders = new Map<string, Folder>()
  const born: { [path: string]: Incarnation | null } = {}
  const real: { [path: string]: string } = {}
  const doubtful: string[] = []
  for (const path of paths) {
    const folder = folders.get(dirname(path)) ?? lookAt(dirname(path), fileSystemOf)
    folders.set(dirname(path), folder)
    const realPath = join(folder.path, basename(path))
    if (realPath !== path) real[path] = realPath
    const found = statAt(realPath)
    born[path] = found ? incarnationIn(found) : null
    if (!found) continue
    checkBirth(path, found, folder, since)
    if (isDoubtful(found, folder, since)) doubtful.push(path)
  }
  const home = realFolder(root)
  const aheadMs = Math.max(...[...folders.values()].map((folder) => folder.aheadMs))
  return {
    ...(Object.keys(real).length > 0 ? { real } : {}),
    ...([...folders.values()].some(({ path }) => contains(home, path)) ? { root: home, ...bornOfRoot(home) } : {}),
    born,
    ...(doubtful.length > 0 ? { doubtfulFiles: doubtful } : {}),
    ...(since === undefined || paths.length === 0 ? {} : { fileClock: { since: since + aheadMs, aheadMs } }),
  }
}

/** Without creation times, another folder may later have the same inode. */
function bornOfRoot(home: string): Pick<PathArgs, 'rootBorn'> {
  const found = statAt(home)
  return found && bornAt(found) !== 0 ? { rootBorn: incarnationIn(found) } : {}
}

interface Folder extends FileSystem {
  /** The real path. */
  readonly path: string
}

function lookAt(folder: string, fileSystemOf: SightingContext['fileSystemOf']): Folder {
  const path = realFolder(folder)
  return { path, ...fileSystemOf(path) }
}

/** Paths that existed before the run began were not created by a test. */
function checkBirth(path: string, found: BigIntStats, { aheadMs }: Folder, since = 0): void {
  if (isOlder(found, since + aheadMs))
    throw notNew(path, 'was there before this run began: it would be removed with all it held then')
  if (bornAt(found) > clock.now() + aheadMs + toleranceMs)
    throw notNew(path, "was made later than now, by its file system's clock: nothing shows that it is this run's")
}

/** Tolerance in milliseconds for the comparison of clocks. */
const toleranceMs = 1000

function notNew(path: string, why: string): TypeError {
  return invalidArgument(
    `track() was given ${JSON.stringify(path)}, which ${why}.`,
    'Track what the test put there, or use temporaryFolder().',
  )
}

/**
 * Whether it may have existed before all the same: its creation time is unknown, or that of a copy.
 * The contents of a new folder are new, too.
 */
function isDoubtful(found: BigIntStats, { path, isOverlay, aheadMs }: Folder, since = 0): boolean {
  if (bornAt(found) === 0) return true
  if (!isOverlay) return false
  return isFromLowerLayer(found, since + aheadMs) || (!found.isDirectory() && statSync(path).nlink === 1)
}
