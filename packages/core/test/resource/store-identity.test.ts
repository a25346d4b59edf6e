import { expect, test } from 'vitest'
import { identityOfSeen, storeIdentities } from '../../src/resource/store-identity.ts'

const identity = (id: string) => /^db:.*#(\w+)$/.exec(id)?.[1]
const drivers = new Map([
  ['silent', {}],
  ['main', { identity: (store: { readonly id: string }) => identity(store.id) }],
])

test('addresses are one store if their driver gives them the same identity', () => {
  const ids = ['db:a#x', 'db:b#x', 'db:b#y', 'db:b', 'other:b#x']
  const identify = storeIdentities(drivers)
  for (const all of [ids.map(identify), ids.map(identify), ids.map((id) => identityOfSeen(identity)({ id }))])
    expect(all).toEqual(['x', 'x', 'y', 'db:b', 'other:b#x'])
  expect(ids.map(storeIdentities(new Map()))).toEqual(ids)
})
