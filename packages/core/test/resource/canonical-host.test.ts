import { expect, test } from 'vitest'
import { canonicalHost } from '../../src/resource/canonical-host.ts'

test.each([
  '',
  'localhost',
  'LOCALHOST.',
  '127.0.0.1',
  '127.1.2.3',
  '0.0.0.0',
  '::1',
  '[::1]',
  '::',
  '0:0:0:0:0:0:0:1',
  '::ffff:127.0.0.1',
  '/var/run/postgresql',
])('canonicalHost(%j) is localhost', (host) => {
  expect(canonicalHost(host)).toBe('localhost')
})

test.each([
  ['127.evil.example', '127.evil.example'],
  ['127.0.0.1.evil.example', '127.0.0.1.evil.example'],
  ['localhost.evil.example', 'localhost.evil.example'],
  // A proxy may route such names differently.
  ['shop.localhost', 'shop.localhost'],
  ['DB.Example', 'db.example'],
  ['fe80::1', '[fe80::1]'],
  ['[FE80::1]', '[fe80::1]'],
  ['/cloudsql/Shop:eu:db', '%2Fcloudsql%2Fshop%3Aeu%3Adb'],
])('canonicalHost(%s) is %s, and idempotent', (host, written) => {
  expect(canonicalHost(host)).toBe(written)
  expect(canonicalHost(written)).toBe(written)
})
