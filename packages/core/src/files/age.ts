/** When a file came into being, as far as its file system tells. */
import type { BigIntStats } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { seenAt } from './incarnation.ts'

/** File systems take the time of the kernel's last tick, which is that much behind at most. */
export const tickMs = 10

type Times = Pick<BigIntStats, 'birthtimeNs' | 'ctimeNs'>

/** Milliseconds since the epoch, by the file system's clock; 0 where that knows no births. */
export const bornAt = ({ birthtimeNs }: Times): number => Number(birthtimeNs) / 1e6

/** When it had certainly been born: every change gives it a new `ctime`, which nobody can set. */
export const bornBy = (found: Times): number => bornAt(found) || changedAt(found)

/** Whether it certainly was there before. */
export function isOlder(found: Times, since: number): boolean {
  const isBefore = (time: number) => time !== 0 && time < since - tickMs
  return isBefore(bornAt(found)) || isBefore(changedAt(found))
}

const changedAt = ({ ctimeNs }: Times): number => Number(ctimeNs) / 1e6

/** The first thing in a folder that was there before; links are not followed. */
export async function olderIn(folder: string, since: number): Promise<string | undefined> {
  const folders: string[] = []
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    const found = seenAt(path)
    if (!found) continue
    if (isOlderInside(found, since)) return path
    if (found.isDirectory()) folders.push(path)
  }
  for (const path of folders) {
    const older = await olderIn(path, since)
    if (older !== undefined) return older
  }
  return undefined
}

/** Package managers link to what is in their stores: one name more of something that has others. */
function isOlderInside(found: BigIntStats, since: number): boolean {
  if (found.isFile() && found.nlink > 1n) return false
  return isOlder(bornAsExtracted ? { birthtimeNs: 0n, ctimeNs: found.ctimeNs } : found, since)
}

/** There a file's birth is never after its modification: whoever extracts an archive sets both. */
const bornAsExtracted = process.platform === 'darwin' || process.platform === 'freebsd'
