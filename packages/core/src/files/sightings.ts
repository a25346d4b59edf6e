/** What is seen of paths when they are put on record. */
import { type BigIntStats, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { clock } from '../clock/clock.ts'
import { invalidArgument } from '../errors/dustpan-error.ts'
import { bornAt, isOlder } from './age.ts'
import { type FileSystem, type fileSystems, isFromBelow } from './file-system.ts'
import { type Incarnation, incarnationIn, seenAt } from './incarnation.ts'
import type { PathArgs } from './path-args.ts'
import { contains, realFolder } from './real-folder.ts'

export interface Looking {
  readonly root: string
  /** When the run began, by this process's clock. */
  readonly since: number | undefined
  readonly fileSystemOf: ReturnType<typeof fileSystems>
}

type Sightings = Omit<PathArgs, 'path' | 'from'>

/** @throws TypeError `DUSTPAN_INVALID_ARGUMENT` for what was there before the run began. */
export function sightingsOf(paths: readonly string[], { root, since, fileSystemOf }: Looking): Sightings {
  const folders = new Map<string, Folder>()
  const born: { [path: string]: Incarnation | null } = {}
  const real: { [path: string]: string } = {}
  const doubtful: string[] = []
  for (const path of paths) {
    const folder = folders.get(dirname(path)) ?? lookAt(dirname(path), fileSystemOf)
    folders.set(dirname(path), folder)
    const followed = join(folder.path, basename(path))
    if (followed !== path) real[path] = followed
    const found = seenAt(followed)
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

/** Where births are not known, another folder may have the same inode later. */
function bornOfRoot(home: string): Pick<PathArgs, 'rootBorn'> {
  const found = seenAt(home)
  return found && bornAt(found) !== 0 ? { rootBorn: incarnationIn(found) } : {}
}

interface Folder extends FileSystem {
  /** Links followed. */
  readonly path: string
}

function lookAt(folder: string, fileSystemOf: Looking['fileSystemOf']): Folder {
  const path = realFolder(folder)
  return { path, ...fileSystemOf(path) }
}

/** What was there before the run began, no test created. */
function checkBirth(path: string, found: BigIntStats, { aheadMs }: Folder, since = 0): void {
  if (isOlder(found, since + aheadMs))
    throw notNew(path, 'was there before this run began: it would be removed with all it held then')
  if (bornAt(found) > clock.now() + aheadMs + soonMs)
    throw notNew(path, "was made later than now, by its file system's clock: nothing shows that it is this run's")
}

/** Clocks are not compared to the millisecond. */
const soonMs = 1000

function notNew(path: string, why: string): TypeError {
  return invalidArgument(
    `track() was given ${JSON.stringify(path)}, which ${why}.`,
    'Track what the test put there, or use temporaryFolder().',
  )
}

/** Whether it may have been there before all the same: no birth is known, or it is that of a copy. What is in a new folder is new, too. */
function isDoubtful(found: BigIntStats, { path, isOverlay, aheadMs }: Folder, since = 0): boolean {
  if (bornAt(found) === 0) return true
  if (!isOverlay) return false
  return isFromBelow(found, since + aheadMs) || (!found.isDirectory() && statSync(path).nlink === 1)
}
