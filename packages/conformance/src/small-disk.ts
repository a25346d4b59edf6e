/** A disk so small that a test can fill it. */
import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

export interface SmallDisk extends Disposable {
  /** To the last byte. */
  fill(): void
  /** There is room again for what `fill` took. */
  free(): void
}

/** Mounted at a folder, which is made; why not, where that is not allowed. */
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
