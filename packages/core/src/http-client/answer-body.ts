/** Collects an answer's body as it comes off the wire, and reads it as JSON. Held in memory only while needed. */
import type { Json } from '../resource/resource.ts'

const limit = 1024 * 1024

export interface AnswerBody {
  add(chunk: Uint8Array | string): void
  /** The body exceeds the limit. */
  readonly tooLarge: boolean
  /** The body as text, decompressed. */
  text(): string
  /** The body as JSON; undefined when it is empty or something else. */
  read(): Json | undefined
}

export function answerBody(encoding: string | undefined): AnswerBody {
  let chunks: Buffer[] = []
  let size = 0
  const text = () => decode(Buffer.concat(chunks), encoding)
  return {
    add(chunk) {
      size += chunk.length
      if (size > limit) chunks = []
      else chunks.push(typeof chunk === 'string' ? Buffer.from(chunk) : Buffer.from(chunk))
    },
    get tooLarge() {
      return size > limit
    },
    text,
    read: () => parseJson(text()),
  }
}

/** JSON; whole numbers too large for JavaScript stay as their digits, since ids are compared and sent back. */
export function parseJson(text: string): Json | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined
  try {
    return JSON.parse(text, /\d{16}/.test(text) ? exactNumber : undefined) as Json
  } catch {
    return undefined
  }
}

/** As text; empty if it cannot be decompressed, or to no more than the limit. */
export function decode(body: Buffer, encoding = 'identity'): string {
  try {
    const layers = encoding
      .toLowerCase()
      .split(/\s*,\s*/)
      .reverse()
    return layers
      .reduce((bytes, layer) => (layer === 'identity' ? bytes : decompressed(bytes, layer)), body)
      .toString('utf8')
  } catch {
    return ''
  }
}

/** zlib is loaded on first use, not by every worker. */
function decompressed(body: Buffer, encoding: string): Buffer {
  const zlib = process.getBuiltinModule('node:zlib')
  const limits = { maxOutputLength: limit }
  if (encoding === 'gzip' || encoding === 'x-gzip') return zlib.gunzipSync(body, limits)
  if (encoding === 'br') return zlib.brotliDecompressSync(body, limits)
  if (encoding === 'zstd') return zlib.zstdDecompressSync(body, limits)
  // Most servers send `deflate` with the zlib header, some without.
  if (encoding === 'deflate')
    return startsWithZlib(body) ? zlib.inflateSync(body, limits) : zlib.inflateRawSync(body, limits)
  return body
}

const startsWithZlib = (body: Buffer): boolean => ((body[0] ?? 0) & 0x0f) === 0x08

/** `context.source`: the digits as they were sent. */
function exactNumber(_key: string, value: unknown, context?: { source?: string }): unknown {
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? (context?.source ?? value) : value
}
