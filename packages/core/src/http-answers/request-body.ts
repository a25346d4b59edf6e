/** A request's body, inspected for ids of other resources. */

import { decode, parseJson } from '../http-client/answer-body.ts'
import type { Json } from '../resource/resource.ts'
import { bodyChunks } from './body-chunks.ts'
import type { SentRequest } from './exchange.ts'

export interface RequestBody {
  /** @param encoding that of a text, as passed to `node:http`; UTF-8 by default */
  add(chunk: unknown, encoding?: unknown): void
  /** Undefined if it is too large, or not JSON. */
  read(): Json | undefined
  /** A body was sent that is not read as JSON. */
  readonly isOpaque: boolean
  /** It is not JSON: a form, a file, XML. */
  readonly isUpload: boolean
  /** All of it; undefined if it is too large, or in an encoding that is not known. */
  text(): string | undefined
  /** Frees the memory: it will not be read any more. */
  release(): void
}

export function requestBody(headers: SentRequest['headers']): RequestBody {
  const body = bodyChunks()
  let known: { readonly size: number; readonly value: Json | undefined } | undefined
  const header = (name: string) => headers().find(([one]) => one === name)?.[1]
  const type = () => header('content-type')
  const isComplete = () =>
    body.size > 0 ? !(Number(header('content-length')) > body.size) : !/^multipart\//i.test(type() ?? '')
  const text = () => {
    if (!isComplete() || binary.test(type() ?? '')) return undefined
    return textOf(body.bytes(), header('content-encoding'))
  }
  const parsed = () => (/json|text\/plain/i.test(type() ?? 'json') ? parseJson(text() ?? '') : undefined)
  const read = () => {
    if (known?.size !== body.size) known = { size: body.size, value: parsed() }
    return known.value
  }
  return {
    add: body.add,
    read,
    text,
    release: body.release,
    get isOpaque() {
      return body.size > 0 ? read() === undefined : !isComplete()
    },
    get isUpload() {
      const contentType = type() ?? 'text/plain'
      if (/json/i.test(contentType)) return false
      if (!/text\/plain/i.test(contentType)) return true
      return body.size > 0 && read() === undefined
    },
  }
}

/** Formats in which an id is not found as text. */
const binary = /msgpack|cbor|proto|grpc|bson|avro|thrift|smile|charset="?utf-?(16|32)/i

/** `aws-chunked` leaves the text as it is, and so does a character set in the wrong header. */
const knownEncodings = /^((identity|(x-)?gzip|deflate|br|zstd|aws-chunked|utf-?8)\s*(,\s*|$))*$/i

function textOf(bytes: Buffer | undefined, encoding: string | undefined): string | undefined {
  if (bytes === undefined || bytes.length === 0) return bytes?.toString()
  return knownEncodings.test(encoding ?? '') ? decode(bytes, encoding) || undefined : undefined
}
