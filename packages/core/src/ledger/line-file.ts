import { closeSync, fdatasyncSync, fstatSync, writeSync } from 'node:fs'
import { openForAppending } from './open-for-appending.ts'

/** A file of lines that is only added to. */
export interface LineFile {
  /** On disk (in the page cache: it survives the death of the process) when this returns. */
  append(line: string): void
  /** On the disk itself when this returns. */
  flush(): void
  close(): void
}

/** What a writer that died left of a line ends here. */
export function openLines(dir: string, file: string): LineFile {
  const fd = openForAppending(dir, file)
  let torn = fstatSync(fd).size > 0
  return {
    append(line) {
      const text = torn ? `\n${line}` : line
      torn = true
      // A string is written twice as fast as a buffer made of it; that not all of it fits is rare.
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
