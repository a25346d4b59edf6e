/** A journal that nobody adds to any more, compressed: `<writer>.jsonl.gz`. Nothing of it is left out. */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { constants, gunzipSync, gzipSync } from 'node:zlib'

const ending = '.gz'

/** As it is written, or compacted. */
export const isJournal = (name: string): boolean => /\.jsonl(\.gz)?$/.test(name)

/** Of either. */
export const plainName = (name: string): string => (name.endsWith(ending) ? name.slice(0, -ending.length) : name)

/**
 * Whoever dies half-way leaves both, or a file that nobody reads; of both, the plain one counts.
 * @throws what the file system throws
 */
export function compactJournal(file: string): void {
  const bytes = readFileSync(file)
  const fresh = `${file}.${process.pid}.new`
  try {
    writeDurably(fresh, gzipSync(bytes))
    renameSync(fresh, file + ending)
  } catch (error) {
    rmSync(fresh, { force: true })
    throw error
  }
  if (statSync(file).size === bytes.length) rmSync(file)
}

/** What of a damaged file cannot be read is told as a line that cannot be read. @throws what the file system throws */
export function compactedLines(file: string): readonly string[] {
  const bytes = readFileSync(file + ending)
  try {
    return gunzipSync(bytes).toString().split('\n')
  } catch {
    return [...beginningOf(bytes), 'damaged']
  }
}

function beginningOf(bytes: Buffer): readonly string[] {
  try {
    return gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }).toString().split('\n')
  } catch {
    return []
  }
}

function writeDurably(file: string, bytes: Buffer): void {
  const fd = openSync(file, 'w', 0o600)
  try {
    writeFileSync(fd, bytes)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
