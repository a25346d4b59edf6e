/** Which configuration files this process has read, and their modification times then. A module is loaded once, however often it is imported. */
import { statSync } from 'node:fs'

const read = new Map<string, number | undefined>()

export function noteRead(file: string): void {
  if (!/\.[cm]?[jt]s$/.test(file) || !read.has(file)) read.set(file, writtenAt(file))
}

/** Whether the file changed since it was read, or since the last call. */
export function hasChanged(file: string): boolean {
  const before = read.get(file)
  const now = writtenAt(file)
  if (!read.has(file) || now === before) return false
  read.set(file, now)
  return true
}

const writtenAt = (file: string): number | undefined => statSync(file, { throwIfNoEntry: false })?.mtimeMs
