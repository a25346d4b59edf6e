/** What is to be known of a file system before its times prove anything. */
import { type BigIntStats, closeSync, fstatSync, openSync, statfsSync, statSync, unlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { clock } from '../clock/clock.ts'
import { bornBy, tickMs } from './age.ts'

export interface FileSystem {
  /** By how many milliseconds its clock is ahead of this process's: it may be a server's, or a host's. */
  readonly aheadMs: number
  /** What is changed there is copied first, and born anew: that of containers. */
  readonly isOverlay: boolean
}

/** Looks at each file system once. `ledger`: a folder of Dustpan's own, for what has to be tried. */
export function fileSystems(ledger: string | undefined): (folder: string) => FileSystem {
  const known = new Map<number, FileSystem>()
  return function fileSystemOf(folder): FileSystem {
    const device = deviceOf(folder)
    if (device === undefined) return folder === dirname(folder) ? ordinary : fileSystemOf(dirname(folder))
    const found = known.get(device) ?? { aheadMs: aheadIn(folder, device, ledger), isOverlay: isOverlay(folder) }
    known.set(device, found)
    return found
  }
}

/** By how much the time at which something was made, between two moments, is ahead of them; 0 where it may be one of them. */
export function aheadOf(madeAt: number, before: number, after: number): number {
  if (madeAt < before - tickMs) return Math.round(madeAt - before)
  return madeAt > after + tickMs ? Math.round(madeAt - after) : 0
}

/** False where that cannot be told. */
export function isOverlay(folder: string): boolean {
  try {
    return statfsSync(folder).type === overlayMagic
  } catch {
    return false
  }
}

/**
 * Whether an overlay has it from before: folders that it had have one link there, others two or more; the copy of a file is as old as what
 * it was made of, until it is written to.
 */
export function isFromBelow(found: BigIntStats, since: number): boolean {
  return found.isDirectory() ? found.nlink === 1n : Number(found.mtimeNs) / 1e6 < since - tickMs
}

/** `OVERLAYFS_SUPER_MAGIC` */
const overlayMagic = 0x794c7630

const ordinary: FileSystem = { aheadMs: 0, isOverlay: false }

function deviceOf(folder: string): number | undefined {
  try {
    return statSync(folder).dev
  } catch {
    return undefined
  }
}

/** In a folder that nobody watches, if the file system has one. */
function aheadIn(folder: string, device: number, ledger: string | undefined): number {
  for (const place of [ledger, tmpdir(), folder]) {
    if (place === undefined || deviceOf(place) !== device) continue
    try {
      return tryIn(place)
    } catch {
      // Nothing can be written there.
    }
  }
  return 0
}

function tryIn(folder: string): number {
  const path = join(folder, `.dustpan-clock-${clock.random(8)}`)
  const before = clock.now()
  const file = openSync(path, 'wx')
  try {
    return aheadOf(bornBy(fstatSync(file, { bigint: true })), before, clock.now())
  } finally {
    closeSync(file)
    unlinkSync(path)
  }
}
