/** A request's JSON body, looked at once to find what it refers to. */

import { parseJson } from '../http-client/answer-body.ts'
import type { Json } from '../resource/resource.ts'
import type { SentRequest } from './exchange.ts'

const limit = 64 * 1024

export interface RequestBody {
  add(chunk: unknown): void
  /** Undefined when it is long, or something else than JSON. */
  read(): Json | undefined
  /** Something was sent, and cannot be read. */
  readonly isOpaque: boolean
  /** It is something else than JSON: a form, a file, XML. */
  readonly isUpload: boolean
  /** Its beginning, as text. */
  head(): string
}

export function requestBody(headers: SentRequest['headers']): RequestBody {
  const chunks: Buffer[] = []
  let size = 0
  let known: { readonly size: number; readonly value: Json | undefined } | undefined
  const type = () => headers().find(([name]) => name === 'content-type')?.[1]
  const head = () => Buffer.concat(chunks).toString('utf8')
  const parsed = () => (size <= limit && /json|text\/plain/i.test(type() ?? 'json') ? parseJson(head()) : undefined)
  const read = () => {
    if (known?.size !== size) known = { size, value: parsed() }
    return known.value
  }
  return {
    add(chunk) {
      if (size > limit || !(typeof chunk === 'string' || chunk instanceof Uint8Array)) return
      const rest = limit - size
      chunks.push(typeof chunk === 'string' ? Buffer.from(chunk.slice(0, rest)) : Buffer.from(chunk.subarray(0, rest)))
      size += chunk.length
    },
    read,
    head,
    get isOpaque() {
      return size > 0 && read() === undefined
    },
    get isUpload() {
      const said = type() ?? 'text/plain'
      if (/json/i.test(said)) return false
      if (!/text\/plain/i.test(said)) return true
      return size > 0 && (size > limit ? !/^\s*[[{]/.test(head()) : read() === undefined)
    },
  }
}
