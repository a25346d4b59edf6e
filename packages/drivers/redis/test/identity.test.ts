import { expect, test } from 'vitest'
import { parseStoreId, placeOf, storeId } from '../src/identity.ts'

test.each([
  ['redis://127.evil.example', 'redis://127.evil.example:6379/0'],
  ['redis://127.0.0.2:1', 'redis://localhost:1/0'],
  ['redis://[fe80::1]/3', 'redis://[fe80::1]:6379/3'],
  ['unix:/tmp/Redis.sock?db=1', 'redis://%2Ftmp%2FRedis.sock/1'],
])('the store id of %s is %s', (url, id) => {
  expect(storeId(placeOf(url, false))).toBe(id)
  expect(storeId(parseStoreId(id) as never)).toBe(id)
})
