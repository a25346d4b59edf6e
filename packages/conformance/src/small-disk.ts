/** A disk small enough for a test to fill. */
import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

export interface SmallDisk extends Disposable {
  /** Fills the disk to the last byte. */
  fill(): void
  /** Frees the space that `fill` took. */
  free(): void
}

/** Mounts the disk at a new folder; returns the reason if that is not permitted. */
export function mountSmallDisk(folder: string, kilobytes: number): SmallDisk | { readonly missing: string } {
  mkdirSync(folder, { recursive: true })
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', folder], { stdio: 'pipe' })
  } catch (error) {
    return { missing: `a disk of one's own cannot be mounted here: ${firstLine(error)}` }
  }
  const filler = join(folder, 'filler')
  return {
    fill: () => fill(filler),
    free: () => rmSync(filler, { force: true }),
    [Symbol.dispose]: () => void execFileSync('umount', ['--lazy', folder]),
  }
}

function fill(file: string): void {
  const fd = openSync(file, 'a')
  const page = Buffer.alloc(4096)
  try {
    for (;;) writeSync(fd, page)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
  } finally {
    closeSync(fd)
  }
}

const firstLine = (error: unknown): string => String((error as Error).message).split('\n')[0] ?? ''
