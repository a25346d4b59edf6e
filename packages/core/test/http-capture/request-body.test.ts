import { expect, test } from 'vitest'
import { requestBody } from '../../src/http-capture/request-body.ts'

const mebibytes = 64

test.each(['bytes', 'text'])('a large body that is sent as one chunk of %s is not copied', (kind) => {
  const large = new Uint8Array(mebibytes * 1024 * 1024).fill(0x20)
  const chunk = kind === 'bytes' ? large : ' '.repeat(large.length)
  const before = process.memoryUsage().arrayBuffers
  const body = requestBody(() => [])
  body.add(chunk)
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(large.length / 2)
  expect(body.isOpaque).toBe(true)
  expect(body.read()).toBeUndefined()
})

test('what came before it is forgotten too, and a small body is read from its chunks', () => {
  const body = requestBody(() => [['content-type', 'application/json']])
  for (const chunk of ['{"a"', Buffer.from(':1}')]) body.add(chunk)
  expect(body.read()).toEqual({ a: 1 })
  body.add(' '.repeat(64 * 1024))
  body.add('{}')
  expect([body.read(), body.isOpaque]).toEqual([undefined, true])
})
