import { lstatSync } from 'node:fs'

/** Which file stands at a path: `device.inode.born`. A file removed and made anew is another one, though inodes are used again. */
export type Incarnation = string

/** Milliseconds since the epoch; 0 where the file system does not know. */
export function bornAt(incarnation: Incarnation): number {
  return Number(incarnation.split('.')[2]) / 1e6
}

/** Undefined when nothing is there. Links are looked at, not followed. */
export function incarnationOf(path: string): Incarnation | undefined {
  const found = lstatSync(path, { bigint: true, throwIfNoEntry: false })
  return found && `${found.dev}.${found.ino}.${found.birthtimeNs}`
}
