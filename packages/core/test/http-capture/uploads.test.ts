/** Uploads: services answer 201 also when they overwrite a file or an object, so that a name that somebody chose is no proof of a creation. */
import { expect, onTestFinished, test } from 'vitest'
import { startHttpCapture } from '../../src/http-capture/capture.ts'
import type { HttpRule } from '../../src/resource/http-options.ts'
import { startApi } from '../http/api.ts'
import { recordingSink } from './recording-sink.ts'

interface Upload {
  readonly line: string
  readonly sent: NonNullable<RequestInit['body']>
  readonly headers?: Record<string, string>
  readonly answer?: unknown
  readonly answered?: Record<string, string>
  readonly rules?: readonly HttpRule[]
}

/** What one upload that is answered 201 leaves on record. */
async function seen({ line, sent, headers = {}, answer = {}, answered = {}, rules = [] }: Upload) {
  const sink = recordingSink()
  const told: string[] = []
  sink.warn = (code, _subject, message) => void told.push(`${code} ${message}`)
  const api = await startApi((_request, response) => {
    response.writeHead(201, { 'content-type': 'application/json', ...answered })
    response.end(typeof answer === 'string' ? answer : JSON.stringify(answer))
  })
  const capture = startHttpCapture(sink, [{ name: 'http', options: { rules } }])
  onTestFinished(async () => {
    capture[Symbol.dispose]()
    await api[Symbol.asyncDispose]()
  })
  const [method = '', path = ''] = line.split(' ')
  return sink.run('a', async ({ sets }) => {
    await (await fetch(api.origin + path, { method, headers, body: sent })).text()
    return { keys: sets.flatMap(({ keys }) => keys), told }
  })
}

function form(name: string, fields: Record<string, string> = {}): FormData {
  const data = new FormData()
  for (const [field, value] of Object.entries(fields)) data.set(field, value)
  data.set('file', new Blob(['x']), name)
  return data
}

const bytes = new Uint8Array([0x89, 0x50, 0x4e, 0x47])
const uuid = '0b4e7a0c-6a51-4b8e-9a55-6c2a3f1d2e4b'
const text = { 'content-type': 'text/plain' }

test.each<[string, Upload]>([
  [
    'the name of a file, in Location',
    { line: 'POST /files', sent: form('keep.txt'), answered: { location: '/files/keep.txt' } },
  ],
  ['the name of a file, as the id', { line: 'POST /files', sent: form('app.log'), answer: { id: 'app.log' } }],
  [
    'the key of an S3 form',
    {
      line: 'POST /uploads',
      sent: form('x.txt', { key: 'keep3.txt' }),
      answer: '<PostResponse><Key>keep3.txt</Key></PostResponse>',
      answered: { location: '/uploads/keep3.txt', 'content-type': 'application/xml' },
    },
  ],
  ['a name in a list', { line: 'POST /files', sent: form('a.txt'), answer: [{ id: 'a.txt' }] }],
  ['a number that the form names', { line: 'POST /files', sent: form('12345'), answer: { id: '12345' } }],
  ['a UUID that the form names', { line: 'POST /files', sent: form(`${uuid}.png`), answer: { id: `${uuid}.png` } }],
  [
    'a hash of the content',
    { line: 'POST /files', sent: bytes, answer: { id: '9e107d9d372bb6826bd81d3542a419d69e107d9d' } },
  ],
  ['a word, for XML', { line: 'POST /posts', sent: '<post/>', headers: text, answer: { id: 'hello-world' } }],
  ['a path with bytes', { line: 'PUT /blobs/rewritten.txt', sent: bytes }],
  ['a path with text', { line: 'PUT /blobs/rewritten.txt', sent: 'x', headers: text }],
  ['a path with a UUID, which may be a user of before', { line: `PUT /avatars/${uuid}`, sent: bytes }],
  ['a path with a number', { line: 'PUT /avatars/7', sent: bytes, answer: { id: 7 } }],
  [
    'a path, and an empty file',
    { line: 'PUT /blobs/7', sent: '', headers: { 'content-type': 'application/octet-stream' } },
  ],
  ['a path, and JSON as a file', { line: 'PUT /files/package.json', sent: new TextEncoder().encode('{"name":"x"}') }],
  ['a blob of Azure', { line: 'PUT /account/uploads/12345', sent: '{}', headers: { 'x-ms-blob-type': 'BlockBlob' } }],
  [
    'an object of S3',
    { line: 'POST /uploads', sent: '{}', answer: { id: 7 }, answered: { 'x-amz-request-id': '4442587FB7D0A2F9' } },
  ],
])('%s may be one of before: it is not tracked, and the warning says what to do', async (_, upload) => {
  const { keys, told } = await seen(upload)
  expect(keys).toEqual([])
  expect(told).toHaveLength(1)
  expect(told[0]).toMatch(/^DUSTPAN_NO_ID .* may have overwritten .*ignore: true/)
})

test('of files whose names are in the path, one warning tells', async () => {
  const { told } = await seen({ line: 'PUT /teams/7/files/a.txt', sent: bytes })
  expect(told).toEqual([expect.stringContaining('DUSTPAN_NO_ID PUT /teams/*/files/{id} was answered 201')])
  expect(told[0]).toContain("{ create: 'PUT /teams/*/files/{id}' }")
})

test.each<[string, Upload, unknown]>([
  ['a number', { line: 'POST /files', sent: form('a.txt'), answer: { id: 17 } }, 17],
  ['a UUID, in Location', { line: 'POST /files', sent: form('a.txt'), answered: { location: `/files/${uuid}` } }, uuid],
  ['a UUID before an extension', { line: 'POST /files', sent: bytes, answer: { id: `${uuid}.png` } }, `${uuid}.png`],
  [
    'an ObjectId',
    { line: 'POST /files', sent: bytes, answer: { id: '65f1a2b3c4d5e6f708192a3b' } },
    '65f1a2b3c4d5e6f708192a3b',
  ],
  [
    'a prefix and letters at random',
    { line: 'POST /files', sent: bytes, answer: { id: 'file_1Mr4Lp2eZvKYlo2C8Bq7nX3d' } },
    'file_1Mr4Lp2eZvKYlo2C8Bq7nX3d',
  ],
])('%s that the service gave is an id', async (_, upload, id) => {
  expect(await seen(upload)).toEqual({ keys: [id], told: [] })
})

test('a name with a time of before the test may be that of a fixture', async () => {
  const name = `fixture-${Date.now() - 2000}.txt`
  const overwritten = { keys: [], told: [expect.stringMatching(/^DUSTPAN_NO_ID .* may have overwritten/)] }
  expect(await seen({ line: 'POST /files', sent: form(name), answer: { id: name } })).toEqual(overwritten)
  expect(await seen({ line: `PUT /blobs/${name}`, sent: bytes })).toEqual(overwritten)
})

test('a name with a time since the test began is new, whoever gave it', async () => {
  const name = `file-${Date.now() + 500}-keep.txt`
  expect(await seen({ line: 'POST /files', sent: form('keep.txt'), answer: { id: name } })).toEqual({
    keys: [name],
    told: [],
  })
  expect(await seen({ line: `PUT /blobs/${name}`, sent: bytes })).toEqual({ keys: [name], told: [] })
})

test('If-None-Match: * says that nothing was there', async () => {
  const headers = { 'if-none-match': '*', 'x-ms-blob-type': 'BlockBlob' }
  expect(await seen({ line: 'PUT /blobs/new.txt', sent: bytes, headers })).toEqual({ keys: ['new.txt'], told: [] })
})

test('a rule vouches for it', async () => {
  const rules = [{ create: 'PUT /blobs/{id}' }, { create: 'POST /files' }]
  expect(await seen({ line: 'PUT /blobs/new.txt', sent: bytes, rules })).toEqual({ keys: ['new.txt'], told: [] })
  const location = '/files/new.txt'
  const upload = { line: 'POST /files', sent: form('new.txt'), answered: { location }, rules }
  expect(await seen(upload)).toEqual({ keys: ['new.txt'], told: [] })
})

test('a thing that is told of as JSON is as before', async () => {
  const headers = { 'content-type': 'application/json' }
  expect((await seen({ line: 'PUT /users/carl', sent: '{"name":"Carl"}', headers })).keys).toEqual(['carl'])
  const long = JSON.stringify({ text: 'x'.repeat(70_000) })
  expect((await seen({ line: 'PUT /users/carl', sent: long, headers })).keys).toEqual(['carl'])
  expect((await seen({ line: 'PUT /users/carl', sent: long })).keys).toEqual(['carl'])
  expect((await seen({ line: 'PUT /members/carl', sent: '' })).keys).toEqual(['carl'])
})
