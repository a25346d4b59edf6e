import { realpathSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path'

/** The real path, with links followed as far as it exists. */
export function realFolder(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path === dirname(path) ? path : join(realFolder(dirname(path)), basename(path))
  }
}

/** A folder contains itself. */
export function contains(outer: string, inner: string): boolean {
  const relativePath = relative(outer, inner)
  return (
    relativePath === '' || !(relativePath === '..' || relativePath.startsWith(`..${sep}`) || isAbsolute(relativePath))
  )
}
