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
}

export function requestBody(headers: SentRequest['headers']): RequestBody {
  const chunks: Buffer[] = []
  let size = 0
  let known: { readonly size: number; readonly value: Json | undefined } | undefined
  const parsed = () => {
    const type = headers().find(([name]) => name === 'content-type')?.[1] ?? 'json'
    return size <= limit && /json|text\/plain/i.test(type)
      ? parseJson(Buffer.concat(chunks).toString('utf8'))
      : undefined
  }
  const read = () => {
    if (known?.size !== size) known = { size, value: parsed() }
    return known.value
  }
  return {
    add(chunk) {
      if (size > limit || !(typeof chunk === 'string' || chunk instanceof Uint8Array)) return
      size += chunk.length
      if (size <= limit) chunks.push(Buffer.from(chunk))
      else chunks.length = 0
    },
    read,
    get isOpaque() {
      return size > 0 && read() === undefined
    },
  }
}
