import { expect, test } from 'vitest'
import { requestBody } from '../../src/http-answers/request-body.ts'

const mebibyte = 1024 * 1024

test.each(['bytes', 'text'])('a body of more than 16 MB of %s is not kept', (kind) => {
  const large = new Uint8Array(64 * mebibyte).fill(0x20)
  const chunk = kind === 'bytes' ? large : ' '.repeat(large.length)
  const before = process.memoryUsage().arrayBuffers
  const body = requestBody(() => [])
  body.add(chunk)
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(large.length / 2)
  expect([body.isOpaque, body.read(), body.text()]).toEqual([true, undefined, undefined])
})

test('a body is read from its chunks up to 16 MB', () => {
  const body = requestBody(() => [['content-type', 'application/json']])
  for (const chunk of ['{"a"', Buffer.from(':1}')]) body.add(chunk)
  expect(body.read()).toEqual({ a: 1 })
  for (let sent = 0; sent < 16; sent++) body.add(Buffer.alloc(mebibyte, ' '))
  expect([body.read(), body.text(), body.isOpaque]).toEqual([undefined, undefined, true])
})

test('a released body cannot be read', () => {
  const body = requestBody(() => [])
  body.add('{"a":1}')
  body.release()
  expect(body.text()).toBeUndefined()
})

test('a body shorter than announced, or not seen at all, is opaque', () => {
  const form = () => requestBody(() => [['content-type', 'multipart/form-data; boundary=x']])
  expect([form().isOpaque, form().text()]).toEqual([true, undefined])
  const body = requestBody(() => [['content-length', '20']])
  body.add('{"a":1}')
  expect([body.read(), body.isOpaque, body.text()]).toEqual([undefined, true, undefined])
})

test.each([1, 2 * mebibyte])('the text of a chunk of %d bytes stays readable when its memory is used again', (size) => {
  const body = requestBody(() => [])
  const chunk = new Uint8Array(size).fill(0x20)
  body.add(chunk)
  structuredClone(chunk.buffer, { transfer: [chunk.buffer] })
  expect(body.text()).toHaveLength(size)
})
