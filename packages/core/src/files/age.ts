/** When a file was created, as far as its file system records it. */
import type { BigIntStats } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { statAt } from './incarnation.ts'

/** File systems use the time of the kernel's last tick, which lags by this many milliseconds at most. */
export const tickMs = 10

type Times = Pick<BigIntStats, 'birthtimeNs' | 'ctimeNs'>

/** Milliseconds since the epoch, by the file system's clock; 0 if it does not record creation times. */
export const bornAt = ({ birthtimeNs }: Times): number => Number(birthtimeNs) / 1e6

/** A time by which it certainly existed: every change sets `ctime`, which cannot be set by hand. */
export const bornBy = (found: Times): number => bornAt(found) || changedAt(found)

/** Whether it certainly existed before the given time. */
export function isOlder(found: Times, since: number): boolean {
  const isBefore = (time: number) => time !== 0 && time < since - tickMs
  return isBefore(bornAt(found)) || isBefore(changedAt(found))
}

const changedAt = ({ ctimeNs }: Times): number => Number(ctimeNs) / 1e6

/** The first entry in a folder that existed before; links are not followed. */
export async function olderIn(folder: string, since: number): Promise<string | undefined> {
  const folders: string[] = []
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    const found = statAt(path)
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

/** Package managers create hard links to files in their stores, so a file with several names is not counted. */
function isOlderInside(found: BigIntStats, since: number): boolean {
  if (found.isFile() && found.nlink > 1n) return false
  return isOlder(bornAsExtracted ? { birthtimeNs: 0n, ctimeNs: found.ctimeNs } : found, since)
}

/** On these systems a file's creation time is never after its modification time, and extracting an archive sets both. */
const bornAsExtracted = process.platform === 'darwin' || process.platform === 'freebsd'
