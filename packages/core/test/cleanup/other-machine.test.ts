import { expect, test } from 'vitest'
import type { CleanupContext } from '../../src/cleanup/context.ts'
import { isOnlyReachableThere, leaveToOtherMachines, unreachableFromHere } from '../../src/cleanup/other-machine.ts'
import type { Resource } from '../../src/resource/resource.ts'

test.each([
  ['file://vm', true],
  ['sqlite:/srv/shop.db#2049.131.1763700000000000000', true],
  ['http://localhost:3000', true],
  ['http://127.0.0.1:3000', true],
  ['http://localhost.localdomain:3000', true],
  ['http://localhost6.localdomain6:3000', true],
  ['http://[::1]:3000', true],
  ['http://app:3000', true],
  ['http://10.0.0.7:3000', true],
  ['http://shop.internal:3000', true],
  ['redis://localhost:6379/0', true],
  ['mongodb://db:27017/shop', true],
  ['postgres://localhost:5432/shop', true],
  ['postgres://localhost:5432/shop#-.16384', true],
  ['clickhouse://localhost:8123/shop#clickhouse', true],
  ['what nobody knows', true],
  ['postgres://localhost:5432/shop#7412345678901234567.16384', true],
  ['mysql://db:3306/shop#0e5ff3a4-c70c-11f0-9cd5-0242ac120002@1763700000', true],
  ['postgres://10.0.0.7:5432/shop#7412345678901234567.16384', false],
  ['mysql://db.internal:3306/shop#0e5ff3a4-c70c-11f0-9cd5-0242ac120002@1763700000', false],
  ['http://staging.example.com', false],
  ['http://93.184.216.34:3000', false],
  ['redis://cache.example.com:6379/0', false],
  ['http://100.64.1.2:3000', true],
  ['http://shop.internal.:3000', true],
  ['http://SHOP.Internal:3000', true],
  ['redis://10.1:6379/0', true],
  ['redis://0x0a000007:6379/0', true],
  ['http://[::ffff:10.0.0.7]:3000', true],
  ['http://[fd12::7]:3000', true],
  ['http://[fe90::7]:3000', true],
  ['http://shop.corp:3000', true],
  ['http://10.0.0.7.nip.io', true],
  ['postgres://host.docker.internal:5432/shop#7412345678901234567.16384', true],
  ['http://internal.example.com', false],
  ['http://11.0.0.7:3000', false],
  ['http://172.32.0.7:3000', false],
  ['http://[2001:db8::7]:3000', false],
  ['cleaners', false],
])('%s may lead elsewhere from another machine: %s', (id, expected) => {
  expect(isOnlyReachableThere({ driver: 'main', id }, { marked: false, near: false, sameEverywhere: [] })).toBe(
    expected,
  )
})

test.each([
  ['postgres://localhost:5432/shop#7412345678901234567.16384', false],
  ['postgres://localhost:5432/shop', true],
  ['http://localhost:3000', true],
  ['file://vm', true],
])('%s may lead elsewhere under another ledger of this machine: %s', (id, expected) => {
  expect(isOnlyReachableThere({ driver: 'main', id }, { marked: false, near: true, sameEverywhere: [] })).toBe(expected)
})

const none = { sameEverywhere: [] }

const resource = (more: object = {}): Resource => {
  const store = { driver: 'http', id: 'http://localhost:3000' }
  const steps = [{ driver: 'http', op: 'delete', v: 1, args: {} }]
  const set = { set: 'w-1', type: 'user', keys: [7], store, steps, proof: { strength: 'key-only' } }
  return {
    id: 'w-1.0',
    key: 7,
    set: { ...set, ...more },
    state: 'live',
    elsewhere: { host: 'vm-2', near: false },
  } as unknown as Resource
}

test('a resource created on another machine is not removed, and the hint names that machine', () => {
  const error = unreachableFromHere(resource(), none)
  expect(error).toMatchObject({ code: 'DUSTPAN_WRONG_STORE', hint: expect.stringContaining('vm-2') })
})

test('an error recorded by the resource’s own machine is kept, and this one is not written', async () => {
  const failed = { ...resource(), id: 'w-2.0', state: 'failed', error: { code: 'DUSTPAN_HAS_DEPENDENTS', message: '' } }
  const things = [resource(), failed as Resource]
  const written: unknown[] = []
  const ctx = { settings: none, nextBatch: () => 'w-b1', write: (event: unknown) => written.push(event) }
  expect(await leaveToOtherMachines(things, ctx as unknown as CleanupContext)).toEqual([])
  expect(written).toMatchObject([{ e: 'removal.begun', ids: ['w-1.0'] }, { e: 'removal.ended' }])
  // The caller still sees the reason.
  expect(things.map(({ error }) => error?.code)).toEqual(['DUSTPAN_WRONG_STORE', 'DUSTPAN_WRONG_STORE'])
})

test('a resource with an exact marker, or created on this machine, is removed', () => {
  expect(unreachableFromHere(resource({ proof: { strength: 'exact' } }), none)).toBeUndefined()
  const { elsewhere: _, ...here } = resource()
  expect(unreachableFromHere(here, none)).toBeUndefined()
})

test('a fallback on another machine counts too', () => {
  const [step] = resource().set.steps
  const far = { driver: 'http', id: 'http://staging.example.com' }
  expect(unreachableFromHere(resource({ steps: [{ ...step, store: far }] }), none)).toBeUndefined()
  expect(unreachableFromHere(resource({ steps: [{ ...step, store: far }, step] }), none)).toBeDefined()
})

const names = ['Staging.internal', '*.svc.example.internal', '10.0.0.7', 'fd12:0::7', '*.büro.lan', '*.docker.internal']
const listedHosts = [
  ...names,
  '*.local',
  '*.localhost',
  'localhost',
  'db',
  '127.0.0.1',
  '169.254.1.1',
  '::1',
  '10.0.0.*',
  '*',
]

test.each([
  ['http://staging.internal:3000', false],
  ['http://STAGING.internal.:3000', false],
  ['http://api.svc.example.internal', false],
  ['http://a.b.svc.example.internal', false],
  ['redis://10.0.0.7:6379/0', false],
  ['http://[fd12::7]:3000', false],
  ['http://xn--bro-hoa.lan', true],
  ['http://shop.büro.lan', false],
  ['http://shop.xn--bro-hoa.lan', false],
  ['redis://10.0.0.7:6379,staging.internal:6379/0', false],
  ['redis://10.0.0.7:6379,10.0.0.8:6379/0', true],
  ['redis://10.0.0.7:6379,localhost:6379/0', true],
  ['http://svc.example.internal', true],
  ['http://evilsvc.example.internal', true],
  ['http://staging.internal.lan', true],
  ['http://old.staging.internal', true],
  ['http://110.0.0.7:3000', false],
  ['http://10.0.0.70:3000', true],
  ['http://host.docker.internal:3000', true],
  ['http://mac.local:3000', true],
  ['http://localhost:3000', true],
  ['http://app.localhost:3000', true],
  ['http://127.0.0.1:3000', true],
  ['http://localhost.localdomain:3000', true],
  ['http://localhost6.localdomain6:3000', true],
  ['http://[::1]:3000', true],
  ['http://169.254.1.1:3000', true],
  ['http://[fe80::7]:3000', true],
  ['http://db:3000', true],
  ['file://vm', true],
  ['sqlite:/srv/shop.db#2049.131.1763700000000000000', true],
])('%s may lead elsewhere with `sameEverywhere` set: %s', (id, expected) => {
  expect(
    isOnlyReachableThere({ driver: 'main', id }, { marked: false, near: false, sameEverywhere: listedHosts }),
  ).toBe(expected)
})

test('the message names `sameEverywhere`, and the hint how to add a host that can be listed', () => {
  const at = (id: string) => unreachableFromHere(resource({ store: { driver: 'http', id } }), none)
  expect(at('http://staging.internal:3000')).toMatchObject({
    message: expect.stringContaining('`sameEverywhere` does not list it'),
    hint: expect.stringContaining('sameEverywhere: ["staging.internal"]'),
  })
  expect(at('redis://10.0.0.7:6379,db.example.com:6379/0')?.hint).toContain('sameEverywhere: ["10.0.0.7"]')
  for (const id of ['http://localhost:3000', 'http://db:3000', 'redis://10.0.0.7:6379,localhost:6379/0', 'file://vm'])
    expect(at(id)?.hint).not.toContain('sameEverywhere')
})

test('a resource on a host in `sameEverywhere` is removed', () => {
  const there = resource({ store: { driver: 'http', id: 'http://staging.internal:3000' } })
  expect(unreachableFromHere(there, { sameEverywhere: ['*.internal'] })).toBeUndefined()
})
