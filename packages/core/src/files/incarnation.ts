import { type BigIntStats, lstatSync } from 'node:fs'

/** Which file stands at a path: `device.inode.born`. A file removed and made anew is another one, though inodes are used again. */
export type Incarnation = string

/** Undefined when nothing is there. Links are looked at, not followed. */
export function incarnationOf(path: string): Incarnation | undefined {
  const found = seenAt(path)
  return found && incarnationIn(found)
}

/** What `lstat` says; undefined when nothing is there. */
export function seenAt(path: string): BigIntStats | undefined {
  try {
    return lstatSync(path, { bigint: true, throwIfNoEntry: false })
  } catch (error) {
    // Above it there is a file.
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined
    throw error
  }
}

export function incarnationIn({ dev, ino, birthtimeNs }: BigIntStats): Incarnation {
  return `${dev}.${ino}.${birthtimeNs}`
}
