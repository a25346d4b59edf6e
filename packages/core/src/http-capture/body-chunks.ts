/** The chunks in which a request's body is sent, kept unless they are too large. */

/** Larger chunks are not copied: the client has them in memory anyway. Smaller ones are copied, this much in all. */
const copyLimit = 1024 * 1024

const limit = 16 * copyLimit

export interface BodyChunks {
  /** In bytes. */
  readonly size: number
  /** @param encoding that of a text; UTF-8 by default */
  add(chunk: unknown, encoding?: unknown): void
  /** Undefined: too large. */
  bytes(): Buffer | undefined
}

export function bodyChunks(): BodyChunks {
  let chunks: (string | Buffer)[] = []
  let size = 0
  let copied = 0
  let isCut = false
  return {
    get size() {
      return size
    },
    add(chunk, encoding) {
      const found = chunkOf(chunk, encoding)
      const length = Buffer.byteLength(found)
      if (length === 0) return
      size += length
      if (length <= copyLimit) copied += length
      isCut ||= size > limit || copied > copyLimit
      if (isCut) chunks = []
      else chunks.push(typeof found === 'string' || length > copyLimit ? found : Buffer.from(found))
    },
    bytes() {
      const parts = chunks.map((chunk) => (typeof chunk === 'string' ? Buffer.from(chunk) : chunk))
      const bytes = parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts)
      // The client may have handed a chunk's memory on.
      return bytes.length === size ? bytes : undefined
    },
  }
}

/** Anything else is a callback, or nothing. A chunk may be of another realm. */
function chunkOf(chunk: unknown, encoding: unknown): string | Buffer {
  if (ArrayBuffer.isView(chunk)) return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
  if (typeof chunk !== 'string') return ''
  const isOther = typeof encoding === 'string' && Buffer.isEncoding(encoding) && !/^utf-?8$/i.test(encoding)
  return isOther ? Buffer.from(chunk, encoding) : chunk
}
