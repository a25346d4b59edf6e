/** What a process has read of configurations, and when that was written. A module is read once, however often it is asked for. */
import { statSync } from 'node:fs'

const read = new Map<string, number | undefined>()

export function noteRead(file: string): void {
  if (!/\.[cm]?[jt]s$/.test(file) || !read.has(file)) read.set(file, writtenAt(file))
}

/** Since it was read, or since this was asked last. */
export function hasChanged(file: string): boolean {
  const before = read.get(file)
  const now = writtenAt(file)
  if (!read.has(file) || now === before) return false
  read.set(file, now)
  return true
}

const writtenAt = (file: string): number | undefined => statSync(file, { throwIfNoEntry: false })?.mtimeMs
