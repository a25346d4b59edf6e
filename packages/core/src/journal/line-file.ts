import { closeSync, fdatasyncSync, fstatSync, writeSync } from 'node:fs'
import { openForAppending } from './open-for-appending.ts'

/** A file of lines that is only appended to. */
export interface LineFile {
  /** Written to the page cache when this returns, so that it survives the death of the process. */
  append(line: string): void
  /** Flushed to disk when this returns. */
  flush(): void
  close(): void
}

/** A non-empty file may end with a torn line of a dead writer: the first append starts a new line. */
export function openLines(dir: string, file: string): LineFile {
  const fd = openForAppending(dir, file)
  let torn = fstatSync(fd).size > 0
  return {
    append(line) {
      const text = torn ? `\n${line}` : line
      torn = true
      // Writing a string is twice as fast as writing a buffer; partial writes are rare.
      const written = writeSync(fd, text)
      if (written < Buffer.byteLength(text)) writeAll(fd, Buffer.from(text).subarray(written))
      torn = false
    },
    flush: () => fdatasyncSync(fd),
    close: () => closeSync(fd),
  }
}

function writeAll(fd: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at)
}
