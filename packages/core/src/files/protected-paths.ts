/** Paths that no test may have removed, whatever it tracks. */
import { homedir } from 'node:os'
import { dirname, join, relative, sep } from 'node:path'

/** Why a path is protected, or undefined. */
export function protectedBy(path: string, root: string): string | undefined {
  if (path === dirname(path)) return 'the root of the file system'
  if (contains(path, homedir())) return 'the home folder, or above it'
  if (contains(path, root)) return 'the project, or above it'
  if (contains(path, process.cwd())) return 'the working directory, or above it'
  if (contains(join(root, '.git'), path)) return 'the repository'
  return undefined
}

function contains(outer: string, inner: string): boolean {
  const way = relative(outer, inner)
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`))
}
