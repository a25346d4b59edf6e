import { expect, test } from 'vitest'
import { neededBy } from '../../src/cleanup/keep.ts'
import type { Resource } from '../../src/resource/resource.ts'

const thing = (id: string, ...dependsOn: string[]) => ({ id, set: { dependsOn } }) as unknown as Resource

test('what kept things depend on is needed, directly and further up; the rest is not', () => {
  const [team, user, cart, other] = [
    thing('team'),
    thing('user', 'team'),
    thing('cart', 'user'),
    thing('other', 'team'),
  ]
  const needed = neededBy([thing('order', 'user')], [team, user, cart, other])
  expect([...needed]).toEqual([user, team])
})

test('a cycle, and a dependency that is no candidate, end the search', () => {
  const [a, b] = [thing('a', 'b'), thing('b', 'a', 'elsewhere')]
  expect([...neededBy([thing('kept', 'a', 'gone')], [a, b])]).toEqual([a, b])
})
