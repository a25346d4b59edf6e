import { closeSync, openSync, readSync } from 'node:fs'
import { StringDecoder } from 'node:string_decoder'

/** Longer than any line that is written: a file that somebody filled with something else must not fill the memory. */
const longest = 200_000_000

/** Of a file of lines, each; piece by piece, as all of it may be longer than a text can be. @throws what the file system throws */
export function* linesOf(file: string): Iterable<string> {
  const fd = openSync(file, 'r')
  try {
    // What lives only as long as a small piece is thrown away early: of large ones the memory would pile up.
    const piece = Buffer.allocUnsafe(64_000)
    const decoder = new StringDecoder('utf8')
    let begun = ''
    for (let size = readSync(fd, piece); size > 0; size = readSync(fd, piece)) {
      const lines = (begun + decoder.write(piece.subarray(0, size))).split('\n')
      begun = lines.pop() ?? ''
      yield* lines
      if (begun.length < longest) continue
      yield begun
      begun = ''
    }
    yield begun + decoder.end()
  } finally {
    closeSync(fd)
  }
}
