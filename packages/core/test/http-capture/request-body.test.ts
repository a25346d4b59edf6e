import { expect, test } from 'vitest'
import { requestBody } from '../../src/http-capture/request-body.ts'

const mebibyte = 1024 * 1024

test.each([
  ['bytes', 8],
  ['text', 8],
  ['bytes', 64],
  ['text', 64],
])('a body sent as one chunk of %s, %d MB, is not copied', (kind, mebibytes) => {
  const large = new Uint8Array(mebibytes * mebibyte).fill(0x20)
  const chunk = kind === 'bytes' ? large : ' '.repeat(large.length)
  const before = process.memoryUsage().arrayBuffers
  const body = requestBody(() => [])
  body.add(chunk)
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(large.length / 2)
  expect(body.isOpaque).toBe(true)
  expect(body.read()).toBeUndefined()
})

test('a body is read from its chunks up to the limit of what is copied', () => {
  const body = requestBody(() => [['content-type', 'application/json']])
  for (const chunk of ['{"a"', Buffer.from(':1}')]) body.add(chunk)
  expect(body.read()).toEqual({ a: 1 })
  for (let sent = 0; sent < mebibyte; sent += 64 * 1024) body.add(Buffer.alloc(64 * 1024, ' '))
  expect([body.read(), body.text(), body.isOpaque]).toEqual([undefined, undefined, true])
})

test('a body shorter than announced, or not seen at all, is opaque', () => {
  const form = () => requestBody(() => [['content-type', 'multipart/form-data; boundary=x']])
  expect([form().isOpaque, form().text()]).toEqual([true, undefined])
  const body = requestBody(() => [['content-length', '20']])
  body.add('{"a":1}')
  expect([body.read(), body.isOpaque, body.text()]).toEqual([undefined, true, undefined])
})

test('the text of a large chunk is undefined once its memory was transferred', () => {
  const body = requestBody(() => [])
  const chunk = new Uint8Array(2 * mebibyte).fill(0x20)
  body.add(chunk)
  expect(body.text()).toHaveLength(2 * mebibyte)
  structuredClone(chunk.buffer, { transfer: [chunk.buffer] })
  expect(body.text()).toBeUndefined()
})
