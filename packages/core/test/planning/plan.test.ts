import { expect, test } from 'vitest'
import { type KnownRelations, planCleanup } from '../../src/planning/plan.ts'
import type { Resource, ResourceSet } from '../../src/resource/resource.ts'
import fc from '../fast-check.ts'

let created = 0

/** `user1`: a user with the id `user1`. */
function thing(id: string, dependsOn: readonly string[] = [], more: Partial<ResourceSet> = {}): Resource {
  const set = {
    set: id,
    type: id.replace(/\d+$/, ''),
    keys: [id],
    steps: [],
    store: { driver: 'main', id: 's' },
    dependsOn,
    ...more,
  }
  return {
    ...{ id, key: id, set: set as unknown as ResourceSet, scope: 's', createdAt: 0, order: created++ },
    ...{ state: 'live', attempts: 0, durationMs: 0 },
  }
}

const unrelated: KnownRelations = { group: new Map(), edges: [] }

type Order = Parameters<typeof planCleanup>[2]

const planned = (resources: readonly Resource[], order: Order = 'reverse', relations = unrelated): string[] =>
  planCleanup(resources, relations, order).units.map((unit) => unit.resources.map(({ id }) => id).join(' '))

test.each<[Order, string[]]>([
  ['reverse', ['cart4', 'user3', 'order2', 'user1']],
  ['forward', ['user1', 'order2', 'user3', 'cart4']],
  [
    ['user', 'cart'],
    ['user3 user1', 'cart4', 'order2'],
  ],
  [['cart'], ['cart4', 'user3', 'order2', 'user1']],
])('resources are planned in order %j', (order, expected) => {
  expect(planned([thing('user1'), thing('order2'), thing('user3'), thing('cart4')], order)).toEqual(expected)
})

test('resources collected from a log are planned after those recorded at creation', () => {
  const row = (id: string) => thing(id, [], { origin: 'collected', store: { driver: 'main', id: 'database' } })
  const things = [thing('user1'), row('users1'), thing('order2'), row('orders2')]
  expect(planned(things)).toEqual(['order2', 'user1', 'orders2', 'users1'])
  expect(planned(things, ['orders'])).toEqual(['orders2', 'order2', 'user1', 'users1'])
  expect(planned(things, 'forward')).toEqual(['user1', 'users1', 'order2', 'orders2'])
})

test('adjacent resources of one type and store form a unit', () => {
  const elsewhere = { store: { driver: 'main', id: 't' } }
  expect(
    planned([thing('user1'), thing('user2'), thing('user3', [], elsewhere), thing('user4', [], elsewhere)]),
  ).toEqual(['user4 user3', 'user2 user1'])
})

test.each<Order>(['reverse', 'forward', ['user', 'order']])('dependsOn overrides order %j', (order) => {
  expect(planned([thing('user1'), thing('order2', ['user1'])], order)).toEqual(['order2', 'user1'])
  expect(planned([thing('order1', ['user2']), thing('user2')], order)).toEqual(['order1', 'user2'])
})

test('a resource with a dependency of its own type is not in the same unit', () => {
  expect(planned([thing('node1'), thing('node2', ['node1']), thing('node3')])).toEqual(['node3 node2', 'node1'])
})

test('a dependency on a resource that is not being removed has no effect', () => {
  expect(planned([thing('user1', ['somewhere-else'])])).toEqual(['user1'])
})

test('resources in a group form one unit in the order of the store: children first', () => {
  const resources = [thing('user1'), thing('order2'), thing('user3'), thing('order4')]
  const group = new Map(resources.map(({ set }) => [set.steps, set.type]))
  expect(planned(resources, 'forward', { group, edges: [['order', 'user']] })).toEqual(['order2 order4 user1 user3'])
})

test('a resource in a group is not in a unit with one outside', () => {
  const resources = [thing('user1'), thing('user2')] as const
  expect(planned(resources, 'reverse', { group: new Map([[resources[0].set.steps, 'g']]), edges: [] })).toEqual([
    'user2',
    'user1',
  ])
})

test('a cycle is broken and all its resources are planned', () => {
  expect(
    planned([thing('a1', ['b2']), thing('b2', ['c3']), thing('c3', ['a1'])])
      .join(' ')
      .split(' ')
      .sort(),
  ).toEqual(['a1', 'b2', 'c3'])
  expect(planned([thing('a1', ['a1'])])).toEqual(['a1'])
})

test('a chain of 20,000 dependencies is planned in order', () => {
  const chain = Array.from({ length: 20_000 }, (_, i) => thing(`n${i}`, i === 0 ? [] : [`n${i - 1}`]))
  const ids = planned(chain, 'forward')
  expect(ids).toHaveLength(20_000)
  expect([ids[0], ids.at(-1)]).toEqual(['n19999', 'n0'])
})

test('every resource is planned once, and before its dependencies', () => {
  const graph = fc.array(
    fc.record({ type: fc.constantFrom('a', 'b', 'c'), on: fc.array(fc.nat({ max: 30 }), { maxLength: 3 }) }),
    { maxLength: 30 },
  )
  fc.assert(
    fc.property(graph, fc.constantFrom<Order>('reverse', 'forward', ['b', 'a']), (nodes, order) => {
      // Depends only on earlier nodes: no cycles.
      const names = nodes.map(({ type }, i) => `${type}${i}`)
      const resources = nodes.map(({ on }, i) =>
        thing(
          names[i] as string,
          on.filter((to) => to < i).map((to) => names[to] as string),
        ),
      )
      const ids = planned(resources, order).join(' ').split(' ').filter(Boolean)
      expect([...ids].sort()).toEqual([...names].sort())
      for (const { id, set } of resources)
        for (const parent of set.dependsOn ?? []) expect(ids.indexOf(id)).toBeLessThan(ids.indexOf(parent))
    }),
  )
})

test('a resource is never in the same unit as its dependency', () => {
  const resources = [thing('n1'), thing('n2', ['n1']), thing('n3', ['n2'])]
  expect(planned(resources, 'forward')).toEqual(['n3', 'n2', 'n1'])
})
