import { expect, test } from 'vitest'
import { takenOver } from '../../src/planning/taken-over.ts'
import type { Json, Resource, State } from '../../src/resource/resource.ts'
import { pipeline } from '../pipeline.ts'
import { removal, scriptedDriver, scriptedStore } from '../scripted-store.ts'

let sets = 0

const thing = (key: Json, createdAt: number, set: Partial<Resource['set']> = {}, state: State = 'live') => {
  const of = { set: `t${sets++}`, ...set }
  return Object.assign(pipeline(scriptedStore()).create('user', 'carl', of), { key, createdAt, state })
}

const isTakenOver = (candidate: Resource, other: Resource) =>
  takenOver([candidate, other], [candidate], undefined).has(candidate)

const item = (order: number) => ({
  steps: [{ ...removal('item'), args: { path: `/orders/${order}/items/{id}` } }],
})

const lasting = (expires: number) => ({ steps: [{ ...removal('key'), args: { expires } }] })

test('arguments about expiry do not distinguish two resources', () => {
  expect(isTakenOver(thing('carl', 1, lasting(100)), thing('carl', 2, lasting(200)))).toBe(true)
})

test('a resource is taken over by a later one with the same key', () => {
  expect(isTakenOver(thing('carl', 1), thing('carl', 2))).toBe(true)
  expect(isTakenOver(thing(7, 1), thing('7', 1))).toBe(true)
  expect(isTakenOver(thing(['a', 1], 1), thing(['a', 1], 2))).toBe(true)
  expect(isTakenOver(thing(1, 1, item(7)), thing(1, 2, item(7)))).toBe(true)
})

test('7 and ’7’ are distinct keys in a store with typedKeys', () => {
  const store = scriptedStore()
  store.capabilities = { typedKeys: true }
  const drivers = new Map([['main', scriptedDriver(store)]])
  const [one, other, later] = [thing(7, 1), thing('7', 2), thing(7, 3)]
  expect(takenOver([one, other], [one], drivers).size).toBe(0)
  expect(takenOver([one, other, later], [one, other], drivers)).toEqual(new Set([one]))
})

test.each<State>(['kept', 'live', 'pending', 'shared', 'audit', 'refused', 'failed', 'lost'])(
  'a later resource that is %s takes the key over',
  (state) => expect(isTakenOver(thing('carl', 1), thing('carl', 2, {}, state))).toBe(true),
)

test.each<State>(['removed', 'already-gone', 'gone'])(
  'a later resource that is %s does not take the key over',
  (state) => {
    expect(isTakenOver(thing('carl', 1), thing('carl', 2, {}, state))).toBe(false)
  },
)

test.each<State>(['shared', 'audit', 'removed', 'already-gone', 'gone'])(
  'a resource that is %s is not taken over',
  (state) => expect(isTakenOver(thing('carl', 1, {}, state), thing('carl', 2))).toBe(false),
)

test('a shared resource takes the key over even when it is a candidate for removal', () => {
  const [first, shared] = [thing('carl', 1), thing('carl', 2, {}, 'shared')]
  expect(takenOver([first, shared], [first, shared], undefined)).toEqual(new Set([first]))
})

test('candidates that are all removable do not take each other over', () => {
  const all = [thing('carl', 1), thing('carl', 2)]
  expect(takenOver(all, all, undefined).size).toBe(0)
})

test.each<[string, Resource['key'], number, Partial<Resource['set']>]>([
  ['has another key', 'dora', 2, {}],
  ['was created before', 'carl', 0, {}],
  ['is of another type', 'carl', 2, { type: 'order' }],
  ['is in another store', 'carl', 2, { store: { driver: 'main', id: 'elsewhere' } }],
  ['existed and was only changed', 'carl', 2, { changed: true }],
  ['is removed by a function', 'carl', 2, { steps: [{ closure: 'w' }] }],
  ['has no removal', 'carl', 2, { steps: [] }],
])('a resource is not taken over by one that %s', (_, key, createdAt, set) => {
  expect(isTakenOver(thing('carl', 1), thing(key, createdAt, set))).toBe(false)
  expect(isTakenOver(thing('carl', 1, { changed: true }), thing('carl', 2))).toBe(false)
})

test('a resource is not taken over by one with the same key under another path', () => {
  expect(isTakenOver(thing(1, 1, item(7)), thing(1, 2, item(8)))).toBe(false)
})

test('a resource removed by a function is not taken over', () => {
  const steps = [{ closure: 'w' }]
  expect(isTakenOver(thing('carl', 1, { steps }), thing('carl', 2, { steps }))).toBe(false)
})

test('a file is taken over by a later one at its path', () => {
  const file = (born: string) => ({
    steps: [{ ...removal('file'), args: { path: '{id}', born: { '/a': born } } }],
  })
  expect(isTakenOver(thing('/a', 1, file('1.1.1')), thing('/a', 2, file('1.2.2')))).toBe(true)
})
