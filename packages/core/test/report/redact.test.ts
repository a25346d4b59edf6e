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
] as const)(
  'the text for a %s with the key %j is masked only if the key may be a secret',
  ([type, key, text, expected]) => {
    expect(redactFor(type, key)(text)).toBe(expected)
  },
)

const [hex, id] = [
  '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  'kT8eX-2vQmZ9aLr4_WbN7cYp3sHd6FgJ',
]

test.each([
  [`sess:${id}`, 'sess:kT8e***'],
  [`app:password-reset:${hex}`, 'app:password-reset:9f86***'],
  [`UNLINK shop:remember:${id}`, 'UNLINK shop:remember:kT8e***'],
  [`cache:${hex}:body`, 'cache:9f86***:body'],
  ['session:0123456789abcdef', 'session:0123***'],
])('a secret part of a key is masked except its beginning: %s', (text, expected) => {
  expect(redactFor('key', text)(text)).toBe(expected)
})

test.each([
  'sess:42',
  'session:0b9d7b1e-5c5f-4a57-9d0c-0d7f4c1d2e3f',
  'session:12345678901234567890',
  'session:test-cart-y3uzp7-8iafwsej1-0',
  'user:0b9d7b1e5c5f4a579d0c0d7f4c1d2e3f',
  'author:507f1f77bcf86cd799439011',
  'order:01JD4XW2Q8V6T3M9K7R5N1P0ZB',
  'cache:getUserProfileByAccountIdAndRegion2',
  `sha256:${hex}`,
])('%s is not a secret, and is not masked', (text) => {
  expect(redactFor('key', text)(text)).toBe(text)
})

test('redactJson() masks values under names of secrets, and secrets in strings', () => {
  expect(redactJson({ a: [{ password: { b: 1 }, note: 'Bearer abcdefghij' }], count: 3 })).toEqual({
    a: [{ password: '***', note: 'Bearer ***' }],
    count: 3,
  })
})
