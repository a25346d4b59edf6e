import { expect, test } from 'vitest'
import { endpointId, sameServer } from '../src/identity.ts'

const at = (host: string) => ({ host, port: 3306, database: 'shop' })

test.each([
  ['127.evil.example', '127.evil.example'],
  ['127.0.0.1', 'localhost'],
  ['/var/run/mysqld/mysqld.sock', 'localhost'],
  ['/cloudsql/a:b:c', '%2Fcloudsql%2Fa%3Ab%3Ac'],
])('the host %s is written as %s and is the same server', (host, written) => {
  expect(endpointId(at(host))).toBe(`mysql://${written}:3306/shop`)
  expect(sameServer(at(host), at(written))).toBe(true)
})
