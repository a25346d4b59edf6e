/** Bodies of requests that are large, compressed or sent as encoded text: an id in them may be that of an existing resource. */
import { request as httpRequest } from 'node:http'
import { Readable } from 'node:stream'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { request as undiciRequest } from 'undici'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startHttpCapture } from '../../src/http-capture/capture.ts'
import { startApi } from '../http/api.ts'
import { recordingSink } from './recording-sink.ts'

type Send = (origin: string) => Promise<unknown>

/** The keys recorded for a request that was answered 201 with this body, and the warnings. */
async function seen(answer: unknown, send: Send) {
  const sink = recordingSink()
  const warnings: string[] = []
  sink.warn = (code, _subject, message) => void warnings.push(`${code} ${message}`)
  const api = await startApi((_request, response) => {
    response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  })
  const capture = startHttpCapture(sink, [{ name: 'http', options: {} }])
  onTestFinished(async () => {
    capture[Symbol.dispose]()
    await api[Symbol.asyncDispose]()
  })
  return sink.run('a', async ({ sets }) => {
    await send(api.origin)
    return { keys: sets.flatMap(({ keys }) => keys), warnings }
  })
}

const post =
  (path: string, body: NonNullable<RequestInit['body']>, headers: Record<string, string> = {}): Send =>
  async (origin) =>
    (await fetch(origin + path, { method: 'POST', headers, body })).text()

const inChunks =
  (path: string, chunks: readonly (string | Buffer)[], headers: Record<string, string> = {}): Send =>
  async (origin) =>
    (await undiciRequest(origin + path, { method: 'POST', headers, body: Readable.from(chunks) })).body.text()

const byNode =
  (chunks: readonly string[], encoding: BufferEncoding): Send =>
  (origin) =>
    new Promise((resolve, reject) => {
      const request = httpRequest(`${origin}/pages`, { method: 'POST', headers: json }, async (response) => {
        resolve(Buffer.concat(await response.toArray()).toString())
      })
      request.on('error', reject)
      for (const chunk of chunks.slice(0, -1)) request.write(chunk, encoding)
      request.end(chunks.at(-1), encoding)
    })

/** Overwrites the memory of the only chunk once it is sent. */
const reused =
  (path: string, text: string): Send =>
  (origin) =>
    new Promise((resolve, reject) => {
      const request = httpRequest(origin + path, { method: 'POST', headers: json }, async (response) => {
        resolve(Buffer.concat(await response.toArray()).toString())
      })
      request.on('error', reject)
      const chunk = Buffer.from(text)
      request.write(chunk, () => request.end(chunk.fill(' ').subarray(0, 1)))
    })

const json = { 'content-type': 'application/json' }
const uuid = '0b9f6a0e-2f5a-4c8e-9b1a-6d1f7f0c2a11'
const nothing = (why: string) => ({
  keys: [],
  warnings: [expect.stringMatching(`^DUSTPAN_NO_ID .* but .*${why}.*not tracked`)],
})
const tracked = (key: unknown) => ({ keys: [key], warnings: [] })
const kilobytes = (count: number) => 'x'.repeat(count * 1024)

const inPieces = (text: string, kilobytesEach: number) =>
  (text.match(new RegExp(`.{1,${kilobytesEach * 1024}}`, 'gs')) ?? []).map((piece) => Buffer.from(piece))

const page = (size: number) => JSON.stringify({ noteId: 7, scan: kilobytes(size) })

describe('a resource that a large JSON body refers to is not tracked', () => {
  test.each([70, 900, 3000])('in a body of %d KB', async (size) => {
    expect(await seen({ id: 7 }, post('/pages', page(size), json))).toEqual(nothing('refers to something else'))
    expect(await seen({ id: 8 }, post('/pages', page(size), json))).toEqual(tracked(8))
  })

  test.each([
    [300, 4],
    [3000, 64],
  ])('in a body of %d KB sent in chunks of %d KB', async (size, each) => {
    const chunks = inPieces(page(size), each)
    expect(await seen({ id: 7 }, inChunks('/pages', chunks, json))).toEqual(nothing('refers to something else'))
    expect(await seen({ id: 8 }, inChunks('/pages', chunks, json))).toEqual(tracked(8))
  })

  test('in a chunk whose memory is used again', async () => {
    expect(await seen({ id: 7 }, reused('/pages', page(2000)))).toEqual(nothing('refers to something else'))
  })

  test('in a body too large to be kept, which may contain any id', async () => {
    const chunks = inPieces(page(17 * 1024), 64)
    const result = nothing('body is too large or encoded')
    expect(await seen({ id: 7 }, inChunks('/pages', chunks, json))).toEqual(result)
    expect(await seen([{ id: 7 }], inChunks('/pages', chunks, json))).toEqual(result)
  })

  test('in a body of several JSON values', async () => {
    const lines = '{"noteId":7}\n{"noteId": "9"}\n'
    const type = { 'content-type': 'application/x-ndjson' }
    for (const id of [7, 9]) expect(await seen({ id }, post('/pages', lines, type))).toEqual(nothing('refers'))
    expect(await seen({ id: 8 }, post('/pages', lines, type))).toEqual(tracked(8))
  })
})

test.each<[string, (text: string) => Buffer]>([
  ['gzip', gzipSync],
  ['x-gzip', gzipSync],
  ['deflate', deflateSync],
  ['deflate', deflateRawSync],
  ['br', brotliCompressSync],
  ['zstd', zstdCompressSync],
  ['identity', Buffer.from],
  ['gzip, br', (text) => brotliCompressSync(gzipSync(text))],
])('a resource that a body compressed with %s refers to is not tracked', async (encoding, compress) => {
  const headers = { ...json, 'content-encoding': encoding }
  const body = new Uint8Array(compress('{"noteId":7}'))
  expect(await seen({ id: 7 }, post('/pages', body, headers))).toEqual(nothing('refers to something else'))
  expect(await seen({ id: 8 }, post('/pages', body, headers))).toEqual(tracked(8))
})

test.each<[string, Record<string, string>, string | Buffer]>([
  ['of an unknown encoding', { ...json, 'content-encoding': 'lz4' }, 'oteId:7'],
  ['that is not compressed as declared', { ...json, 'content-encoding': 'gzip' }, 'oteId:7'],
  [
    'that is too large when decompressed',
    { ...json, 'content-encoding': 'gzip' },
    gzipSync(JSON.stringify({ noteId: 7, scan: kilobytes(1500) })),
  ],
  ['in UTF-16', { 'content-type': 'application/json; charset=utf-16le' }, Buffer.from('{"noteId":7}', 'utf16le')],
  ['in MessagePack', { 'content-type': 'application/msgpack' }, Buffer.from([0x81, 0xa1, 0x6e, 7])],
  ['in a Protocol Buffer', { 'content-type': 'application/x-protobuf' }, Buffer.from([8, 7])],
])('no resource is tracked after a body %s, which may contain any id', async (_, headers, body) => {
  const sent = typeof body === 'string' ? body : new Uint8Array(body)
  expect(await seen({ id: 7 }, post('/pages', sent, headers))).toEqual(nothing('body is too large or encoded'))
})

test.each<BufferEncoding>(['base64', 'hex', 'latin1', 'utf16le'])(
  'a body that node:http writes as %s text is decoded',
  async (encoding) => {
    const sent = Buffer.from('{"noteId":7}', encoding === 'utf16le' ? 'utf8' : undefined).toString(encoding)
    expect(await seen({ id: 7 }, byNode([sent], encoding))).toEqual(nothing('refers to something else'))
    const parts = ['{"note', 'Id":7}'].map((part) => Buffer.from(part).toString(encoding))
    expect(await seen({ id: 7 }, byNode(parts, encoding))).toEqual(nothing('refers to something else'))
  },
)

describe('an upload', () => {
  const form = (size: number, fields: Record<string, string> = { id: uuid }) => {
    const data = new FormData()
    data.set('file', new Blob([kilobytes(size)]), 'scan.pdf')
    for (const [name, value] of Object.entries(fields)) data.set(name, value)
    return data
  }

  test.each([0.01, 100, 3000])(
    'of a form with a file of %d KB and the id of an existing document is not tracked',
    async (size) => {
      expect(await seen({ id: uuid }, post('/documents', form(size)))).toEqual(nothing('overwritten'))
      expect(await seen({ id: 7 }, post('/documents', form(size, { id: '7' })))).toEqual(nothing('overwritten'))
    },
  )

  test.each([100, 3000])('of a form with a file of %d KB and no id is tracked', async (size) => {
    expect(await seen({ id: uuid }, post('/documents', form(size, { title: 'v1' })))).toEqual(tracked(uuid))
    expect(await seen({ id: 7 }, post('/documents', form(size, { title: 'v1' })))).toEqual(tracked(7))
  })

  test('of a file too large to be kept is not tracked', async () => {
    const chunks = Array.from({ length: 17 * 16 }, () => Buffer.alloc(64 * 1024))
    const type = { 'content-type': 'application/pdf' }
    const result = nothing('body is too large or encoded')
    expect(await seen({ id: uuid }, inChunks('/documents', chunks, type))).toEqual(result)
  })
})

test('a PUT with a revision at the end of a large body is an update, and one of unknown content is not tracked', async () => {
  const put =
    (body: RequestInit['body'] & {}): Send =>
    async (origin) =>
      (await fetch(`${origin}/docs/a1`, { method: 'PUT', headers: json, body, duplex: 'half' } as RequestInit)).text()
  const text = (size: number) => JSON.stringify({ scan: kilobytes(size), _rev: '1-a' })
  const stream = (of: string) => Readable.toWeb(Readable.from(inPieces(of, 64))) as unknown as ReadableStream
  for (const body of [text(1500), stream(text(1500))])
    expect(await seen({ ok: true }, put(body))).toEqual({ keys: [], warnings: [] })
  expect(await seen({ ok: true }, put(text(1500).replace('_rev', 'rev')))).toEqual(tracked('a1'))
  expect(await seen({ ok: true }, put(stream(text(17 * 1024))))).toEqual(nothing('body is too large or encoded'))
})
