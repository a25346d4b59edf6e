/** Paths that no test may have removed, whatever it tracks. */
import { realpathSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path'

/** Why a path is protected, or undefined. Links on the way to it are followed, it itself is not: it would be removed as a link. */
export function protectedBy(path: string, root: string): string | undefined {
  return reasonFor(path, root) ?? reasonFor(join(real(dirname(path)), basename(path)), root)
}

function reasonFor(path: string, root: string): string | undefined {
  if (path === dirname(path)) return 'the root of the file system'
  if (holds(path, homedir())) return 'the home folder, or above it'
  if (holds(path, root)) return 'the project, or above it'
  if (holds(path, process.cwd())) return 'the working directory, or above it'
  if (contains(join(root, '.git'), path) || contains(join(real(root), '.git'), path)) return 'the repository'
  return undefined
}

const holds = (path: string, place: string): boolean => contains(path, place) || contains(path, real(place))

function real(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

function contains(outer: string, inner: string): boolean {
  const way = relative(outer, inner)
  return way === '' || !(way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way))
}
