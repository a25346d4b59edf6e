import { expect, test } from 'vitest'
import { redactFor, redactJson } from '../../src/report/redact.ts'

test.for([
  ['session', 'opaque-4f9a77c1d2', 'DELETE /sessions/opaque-4f9a77c1d2', 'DELETE /sessions/opaq***'],
  ['api_key', 'key with space', 'DELETE /keys/key%20with%20space', 'DELETE /keys/key%***'],
  ['session', '12345678901234', 'DELETE /sessions/12345678901234', 'DELETE /sessions/12345678901234'],
  [
    'session',
    '0b9d7b1e-5c5f-4a57-9d0c-0d7f4c1d2e3f',
    'x 0b9d7b1e-5c5f-4a57-9d0c-0d7f4c1d2e3f',
    'x 0b9d7b1e-5c5f-4a57-9d0c-0d7f4c1d2e3f',
  ],
  ['author', 'opaque-4f9a77c1d2', 'DELETE /authors/opaque-4f9a77c1d2', 'DELETE /authors/opaque-4f9a77c1d2'],
  ['user', 7, 'postgres://me:p@ss@db:5432/app', 'postgres://***@db:5432/app'],
] as const)('of a %s with the key %j', ([type, key, text, expected]) => {
  expect(redactFor(type, key)(text)).toBe(expected)
})

test('in metadata, whatever stands under a name that tells of a secret', () => {
  expect(redactJson({ a: [{ password: { b: 1 }, note: 'Bearer abcdefghij' }], count: 3 })).toEqual({
    a: [{ password: '***', note: 'Bearer ***' }],
    count: 3,
  })
})
