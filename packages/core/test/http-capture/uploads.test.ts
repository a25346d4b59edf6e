/** Uploads: services answer 201 when they overwrite a file, too, so a name from the client is no proof of a creation. */
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

/** The keys and warnings recorded for one upload answered 201. */
async function seen({ line, sent, headers = {}, answer = {}, answered = {}, rules = [] }: Upload) {
  const sink = recordingSink()
  const warnings: string[] = []
  sink.warn = (code, _subject, message) => void warnings.push(`${code} ${message}`)
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
    return { keys: sets.flatMap(({ keys }) => keys), warnings }
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
    'a file name in Location',
    { line: 'POST /files', sent: form('keep.txt'), answered: { location: '/files/keep.txt' } },
  ],
  ['a file name as the id', { line: 'POST /files', sent: form('app.log'), answer: { id: 'app.log' } }],
  [
    'the key of an S3 form',
    {
      line: 'POST /uploads',
      sent: form('x.txt', { key: 'keep3.txt' }),
      answer: '<PostResponse><Key>keep3.txt</Key></PostResponse>',
      answered: { location: '/uploads/keep3.txt', 'content-type': 'application/xml' },
    },
  ],
  ['a file name in a list', { line: 'POST /files', sent: form('a.txt'), answer: [{ id: 'a.txt' }] }],
  ['a number from the form', { line: 'POST /files', sent: form('12345'), answer: { id: '12345' } }],
  ['a UUID from the form', { line: 'POST /files', sent: form(`${uuid}.png`), answer: { id: `${uuid}.png` } }],
  [
    'a hash of the content',
    { line: 'POST /files', sent: bytes, answer: { id: '9e107d9d372bb6826bd81d3542a419d69e107d9d' } },
  ],
  ['a word, for XML', { line: 'POST /posts', sent: '<post/>', headers: text, answer: { id: 'hello-world' } }],
  ['a path, for bytes', { line: 'PUT /blobs/rewritten.txt', sent: bytes }],
  ['a path, for text', { line: 'PUT /blobs/rewritten.txt', sent: 'x', headers: text }],
  ['a path with a UUID', { line: `PUT /avatars/${uuid}`, sent: bytes }],
  ['a path with a number', { line: 'PUT /avatars/7', sent: bytes, answer: { id: 7 } }],
  [
    'a path, for an empty file',
    { line: 'PUT /blobs/7', sent: '', headers: { 'content-type': 'application/octet-stream' } },
  ],
  [
    'a path, for JSON sent as a file',
    { line: 'PUT /files/package.json', sent: new TextEncoder().encode('{"name":"x"}') },
  ],
  ['a blob of Azure', { line: 'PUT /account/uploads/12345', sent: '{}', headers: { 'x-ms-blob-type': 'BlockBlob' } }],
  [
    'an object of S3',
    { line: 'POST /uploads', sent: '{}', answer: { id: 7 }, answered: { 'x-amz-request-id': '4442587FB7D0A2F9' } },
  ],
])('%s may be overwritten: it is not tracked, and the DUSTPAN_NO_ID warning suggests a rule', async (_, upload) => {
  const { keys, warnings } = await seen(upload)
  expect(keys).toEqual([])
  expect(warnings).toHaveLength(1)
  expect(warnings[0]).toMatch(/^DUSTPAN_NO_ID .* may have overwritten .*ignore: true/)
})

test('the warning for uploads by path names their route', async () => {
  const { warnings } = await seen({ line: 'PUT /teams/7/files/a.txt', sent: bytes })
  expect(warnings).toEqual([expect.stringContaining('DUSTPAN_NO_ID PUT /teams/*/files/{id} was answered 201')])
  expect(warnings[0]).toContain("{ create: 'PUT /teams/*/files/{id}' }")
})

test.each<[string, Upload, unknown]>([
  ['a number', { line: 'POST /files', sent: form('a.txt'), answer: { id: 17 } }, 17],
  ['a UUID in Location', { line: 'POST /files', sent: form('a.txt'), answered: { location: `/files/${uuid}` } }, uuid],
  ['a UUID with an extension', { line: 'POST /files', sent: bytes, answer: { id: `${uuid}.png` } }, `${uuid}.png`],
  [
    'an ObjectId',
    { line: 'POST /files', sent: bytes, answer: { id: '65f1a2b3c4d5e6f708192a3b' } },
    '65f1a2b3c4d5e6f708192a3b',
  ],
  [
    'a random id with a prefix',
    { line: 'POST /files', sent: bytes, answer: { id: 'file_1Mr4Lp2eZvKYlo2C8Bq7nX3d' } },
    'file_1Mr4Lp2eZvKYlo2C8Bq7nX3d',
  ],
])('%s generated by the service is tracked', async (_, upload, id) => {
  expect(await seen(upload)).toEqual({ keys: [id], warnings: [] })
})

test('an uploaded name that contains a time before the test began is not tracked', async () => {
  const name = `fixture-${Date.now() - 2000}.txt`
  const overwritten = { keys: [], warnings: [expect.stringMatching(/^DUSTPAN_NO_ID .* may have overwritten/)] }
  expect(await seen({ line: 'POST /files', sent: form(name), answer: { id: name } })).toEqual(overwritten)
  expect(await seen({ line: `PUT /blobs/${name}`, sent: bytes })).toEqual(overwritten)
})

test('an uploaded name that contains a time since the test began is tracked', async () => {
  const name = `file-${Date.now() + 500}-keep.txt`
  expect(await seen({ line: 'POST /files', sent: form('keep.txt'), answer: { id: name } })).toEqual({
    keys: [name],
    warnings: [],
  })
  expect(await seen({ line: `PUT /blobs/${name}`, sent: bytes })).toEqual({ keys: [name], warnings: [] })
})

test('an upload with If-None-Match: * is tracked', async () => {
  const headers = { 'if-none-match': '*', 'x-ms-blob-type': 'BlockBlob' }
  expect(await seen({ line: 'PUT /blobs/new.txt', sent: bytes, headers })).toEqual({ keys: ['new.txt'], warnings: [] })
})

test('an upload under a rule is tracked', async () => {
  const rules = [{ create: 'PUT /blobs/{id}' }, { create: 'POST /files' }]
  expect(await seen({ line: 'PUT /blobs/new.txt', sent: bytes, rules })).toEqual({ keys: ['new.txt'], warnings: [] })
  const location = '/files/new.txt'
  const upload = { line: 'POST /files', sent: form('new.txt'), answered: { location }, rules }
  expect(await seen(upload)).toEqual({ keys: ['new.txt'], warnings: [] })
})

test('a PUT of JSON, or of unknown content, is tracked', async () => {
  const headers = { 'content-type': 'application/json' }
  expect((await seen({ line: 'PUT /users/carl', sent: '{"name":"Carl"}', headers })).keys).toEqual(['carl'])
  const long = JSON.stringify({ text: 'x'.repeat(70_000) })
  expect((await seen({ line: 'PUT /users/carl', sent: long, headers })).keys).toEqual(['carl'])
  expect((await seen({ line: 'PUT /users/carl', sent: long })).keys).toEqual(['carl'])
  expect((await seen({ line: 'PUT /members/carl', sent: '' })).keys).toEqual(['carl'])
})
