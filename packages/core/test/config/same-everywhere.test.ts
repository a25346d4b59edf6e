import { expect, test } from 'vitest'
import { isHostPattern } from '../../src/config/same-everywhere.ts'

test.each([
  'shop.internal',
  '*.internal',
  '*.svc.cluster.local',
  'db.corp.local',
  '10.0.0.7',
  'fd12::7',
  'büro.lan',
  'staging.example.com',
])('%s is a valid pattern for sameEverywhere', (name) => expect(isHostPattern(name)).toBe(true))

test.each([
  ...['localhost', 'app.localhost', '*.localhost', '127.0.0.1', '127.1', '0.0.0.0', '::1', '::ffff:127.0.0.1'],
  ...['localhost.localdomain', 'localhost6.localdomain6', '*.7', '*.0.7'],
  ...['169.254.1.1', 'fe80::1', 'fe80::1%eth0', 'mac.local', '*.local'],
  ...['db', '*', '*.', '', ' ', 'host.docker.internal', '*.docker.internal', 'app.nip.io', '/run/shop.sock'],
  ...['10.0.*', '10.0.0.0/8', 'shop.*.internal', '*shop.internal', 'shop.internal:3000', '10.0.0.7:3000'],
  ...['http://shop.internal', 'me@shop.internal', '[fd12::7]'],
])('%s is not a valid pattern for sameEverywhere', (name) => expect(isHostPattern(name)).toBe(false))
