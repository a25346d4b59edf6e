/** Paths that are never removed, whatever a test tracks. */
import { homedir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { contains, realFolder } from './real-folder.ts'
import { workingFolder } from './working-folder.ts'

/**
 * Why a path is protected, or undefined. Links on the way to it are followed; a link as the path itself
 * is not, as only the link would be removed.
 */
export function protectedBy(path: string, root: string): string | undefined {
  return reasonFor(path, root) ?? reasonFor(join(realFolder(dirname(path)), basename(path)), root)
}

function reasonFor(path: string, root: string): string | undefined {
  if (path === dirname(path)) return 'the root of the file system'
  if (holds(path, homedir())) return 'the home folder, or above it'
  if (holds(path, root)) return 'the project, or above it'
  const working = workingFolder()
  if (working !== undefined && holds(path, working)) return 'the working directory, or above it'
  if (contains(join(root, '.git'), path) || contains(join(realFolder(root), '.git'), path)) return 'the repository'
  return undefined
}

const holds = (path: string, place: string): boolean => contains(path, place) || contains(path, realFolder(place))
