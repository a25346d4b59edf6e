/** The chunks in which a request's body is sent, kept until its answer is read, unless they are too large. */

/** In bytes. */
const limit = 16 * 1024 * 1024

export interface BodyChunks {
  /** In bytes. */
  readonly size: number
  /** @param encoding that of a text; UTF-8 by default */
  add(chunk: unknown, encoding?: unknown): void
  /** Undefined: too large. */
  bytes(): Buffer | undefined
  /** Nothing will be read any more: the client may keep the request for long. */
  release(): void
}

export function bodyChunks(): BodyChunks {
  let chunks: (string | Buffer)[] | undefined = []
  let size = 0
  return {
    get size() {
      return size
    },
    add(chunk, encoding) {
      const found = chunkOf(chunk, encoding)
      size += Buffer.byteLength(found)
      if (size > limit) chunks = undefined
      // The client may use the memory of a chunk again.
      else chunks?.push(typeof found === 'string' ? found : Buffer.from(found))
    },
    bytes: () =>
      chunks && Buffer.concat(chunks.map((chunk) => (typeof chunk === 'string' ? Buffer.from(chunk) : chunk))),
    release() {
      chunks = undefined
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
