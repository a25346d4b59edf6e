import { expect, test } from 'vitest'
import { placeOf, storeId } from '../src/identity.ts'

test.each([
  ['127.evil.example', '127.evil.example'],
  ['127.0.0.1', 'localhost'],
  ['[::1]', 'localhost'],
  ['[fe80::1]', '[fe80::1]'],
])('the host %s is written as %s in a store id', (host, written) => {
  expect(storeId(placeOf(`http://${host}:8123/shop`))).toBe(`clickhouse://${written}:8123/shop`)
})
