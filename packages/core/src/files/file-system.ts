/** Properties of a file system that decide whether its times prove anything. */
import { type BigIntStats, closeSync, fstatSync, openSync, statfsSync, statSync, unlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { clock } from '../clock/clock.ts'
import { bornBy, tickMs } from './age.ts'

export interface FileSystem {
  /** How many milliseconds its clock is ahead of this process's: it may be a server's, or a host's. */
  readonly aheadMs: number
  /** A changed file is copied first, and gets a new creation time: the file system of containers. */
  readonly isOverlay: boolean
}

/** Inspects each file system once. `ledger`: a folder of Dustpan's own for test files. */
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

/** How far a timestamp, taken between two moments, is ahead of them; 0 if it may lie between them. */
export function aheadOf(madeAt: number, before: number, after: number): number {
  if (madeAt < before - tickMs) return Math.round(madeAt - before)
  return madeAt > after + tickMs ? Math.round(madeAt - after) : 0
}

/** False if it cannot be determined. */
export function isOverlay(folder: string): boolean {
  try {
    return statfsSync(folder).type === overlayMagic
  } catch {
    return false
  }
}

/**
 * Whether an overlay has it from a lower layer: such a folder has one link, others two or more; a copied-up file keeps its
 * modification time until it is written to.
 */
export function isFromLowerLayer(found: BigIntStats, since: number): boolean {
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

/** Measures in a folder that no watcher observes, if the file system has one. */
function aheadIn(folder: string, device: number, ledger: string | undefined): number {
  for (const place of [ledger, tmpdir(), folder]) {
    if (place === undefined || deviceOf(place) !== device) continue
    try {
      return measureIn(place)
    } catch {
      // Not writable.
    }
  }
  return 0
}

function measureIn(folder: string): number {
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
