import { expect, test } from 'vitest'
import { neededBy } from '../../src/planning/keep.ts'
import type { Resource } from '../../src/resource/resource.ts'

const thing = (id: string, ...dependsOn: string[]) => ({ id, set: { dependsOn } }) as unknown as Resource

test('neededBy() returns direct and indirect dependencies of kept resources only', () => {
  const [team, user, cart, other] = [
    thing('team'),
    thing('user', 'team'),
    thing('cart', 'user'),
    thing('other', 'team'),
  ]
  const needed = neededBy([thing('order', 'user')], [team, user, cart, other])
  expect([...needed]).toEqual([user, team])
})

test('neededBy() stops at cycles and at resources that are not candidates', () => {
  const [a, b] = [thing('a', 'b'), thing('b', 'a', 'elsewhere')]
  expect([...neededBy([thing('kept', 'a', 'gone')], [a, b])]).toEqual([a, b])
})
