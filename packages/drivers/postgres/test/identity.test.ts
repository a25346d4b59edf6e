import { expect, test } from 'vitest'
import { endpointId, sameServer } from '../src/identity.ts'

const at = (host: string) => ({ host, port: 5432, database: 'shop' })

test.each([
  ['127.evil.example', '127.evil.example'],
  ['127.0.0.1', 'localhost'],
  ['/var/run/postgresql', 'localhost'],
  ['/cloudsql/a:b:c', '%2Fcloudsql%2Fa%3Ab%3Ac'],
])('the id of a database at the host %s names the host %s', (host, written) => {
  expect(endpointId(at(host))).toBe(`postgres://${written}:5432/shop`)
  expect(sameServer(at(host), at(written))).toBe(true)
})
