/** A finished journal, compressed without loss: `<writer>.jsonl.gz`. */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { constants, gunzipSync, gzipSync } from 'node:zlib'

const ending = '.gz'

/** Plain or compacted. */
export const isJournal = (name: string): boolean => /\.jsonl(\.gz)?$/.test(name)

/** The name without `.gz`. */
export const plainName = (name: string): string => (name.endsWith(ending) ? name.slice(0, -ending.length) : name)

/**
 * If the process dies half-way, both files are there, or a temporary one that nobody reads; of both, the plain one counts.
 * @throws file system errors
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

/** The unreadable rest of a damaged file becomes one unreadable line. @throws file system errors */
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
