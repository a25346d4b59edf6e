import { type BigIntStats, lstatSync } from 'node:fs'

/** Identifies the file at a path: `device.inode.birthtime`. A file that was removed and created again differs, although inodes are reused. */
export type Incarnation = string

/** Undefined if nothing exists. Links are not followed. */
export function incarnationOf(path: string): Incarnation | undefined {
  const found = statAt(path)
  return found && incarnationIn(found)
}

/** The result of `lstat`; undefined if nothing exists. */
export function statAt(path: string): BigIntStats | undefined {
  try {
    return lstatSync(path, { bigint: true, throwIfNoEntry: false })
  } catch (error) {
    // A parent in the path is a file.
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined
    throw error
  }
}

export function incarnationIn({ dev, ino, birthtimeNs }: BigIntStats): Incarnation {
  return `${dev}.${ino}.${birthtimeNs}`
}
