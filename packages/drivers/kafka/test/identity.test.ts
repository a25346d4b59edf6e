import { expect, test } from 'vitest'
import { addressOf, parseBrokers } from '../src/identity.ts'

test.each([
  ['127.evil.example', 'kafka://127.evil.example:9092'],
  ['127.0.0.1:1', 'kafka://localhost:1'],
  ['[FE80::1]:9,b', 'kafka://[fe80::1]:9,b:9092'],
])('brokers %s have the address %s', (brokers, id) => {
  expect(addressOf(parseBrokers(brokers))).toBe(id)
})
