import { closeSync, openSync, readSync } from 'node:fs'
import { StringDecoder } from 'node:string_decoder'

/** Longer than any line Dustpan writes; bounds the memory if the file has other contents. */
const maxLineLength = 200_000_000

/** The lines of a file, read in pieces, as the whole may exceed the maximum string length. @throws file system errors */
export function* linesOf(file: string): Iterable<string> {
  const fd = openSync(file, 'r')
  try {
    // Small pieces are garbage-collected early; large ones would pile up.
    const piece = Buffer.allocUnsafe(64_000)
    const decoder = new StringDecoder('utf8')
    let partial = ''
    for (let size = readSync(fd, piece); size > 0; size = readSync(fd, piece)) {
      const lines = (partial + decoder.write(piece.subarray(0, size))).split('\n')
      partial = lines.pop() ?? ''
      yield* lines
      if (partial.length < maxLineLength) continue
      yield partial
      partial = ''
    }
    yield partial + decoder.end()
  } finally {
    closeSync(fd)
  }
}
