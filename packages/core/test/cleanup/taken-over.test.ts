import { expect, test } from 'vitest'
import { takenOver } from '../../src/cleanup/taken-over.ts'
import type { Json, Resource, State } from '../../src/resource/resource.ts'
import { pipeline } from '../pipeline.ts'
import { removal, scriptedDriver, scriptedStore } from '../scripted-store.ts'

let made = 0

const thing = (key: Json, createdAt: number, set: Partial<Resource['set']> = {}, state: State = 'live') => {
  const of = { set: `t${made++}`, ...set }
  return Object.assign(pipeline(scriptedStore()).create('user', 'carl', of), { key, createdAt, state })
}

const isTaken = (candidate: Resource, other: Resource) =>
  takenOver([candidate, other], [candidate], undefined).has(candidate)

const item = (order: number) => ({
  steps: [{ ...removal('item'), args: { path: `/orders/${order}/items/{id}` } }],
})

const lasting = (expires: number) => ({ steps: [{ ...removal('key'), args: { expires } }] })

test('how long it was to last is no place', () => {
  expect(isTaken(thing('carl', 1, lasting(100)), thing('carl', 2, lasting(200)))).toBe(true)
})

test('what was made under the same key since is what is there now', () => {
  expect(isTaken(thing('carl', 1), thing('carl', 2))).toBe(true)
  expect(isTaken(thing(7, 1), thing('7', 1))).toBe(true)
  expect(isTaken(thing(['a', 1], 1), thing(['a', 1], 2))).toBe(true)
  expect(isTaken(thing(1, 1, item(7)), thing(1, 2, item(7)))).toBe(true)
})

test('7 and ’7’ are two where the store knows keys by their type', () => {
  const store = scriptedStore()
  store.capabilities = { typedKeys: true }
  const drivers = new Map([['main', scriptedDriver(store)]])
  const [one, other, again] = [thing(7, 1), thing('7', 2), thing(7, 3)]
  expect(takenOver([one, other], [one], drivers).size).toBe(0)
  expect(takenOver([one, other, again], [one, other], drivers)).toEqual(new Set([one]))
})

test.each<State>(['kept', 'live', 'pending', 'shared', 'audit', 'refused', 'failed', 'lost'])(
  'whatever stays has its key, also what is %s',
  (state) => expect(isTaken(thing('carl', 1), thing('carl', 2, {}, state))).toBe(true),
)

test.each<State>(['removed', 'already-gone', 'gone'])('what is %s has no key', (state) => {
  expect(isTaken(thing('carl', 1), thing('carl', 2, {}, state))).toBe(false)
})

test.each<State>(['shared', 'audit', 'removed', 'already-gone', 'gone'])(
  'nothing more becomes of what is %s',
  (state) => expect(isTaken(thing('carl', 1, {}, state), thing('carl', 2))).toBe(false),
)

test('what is asked to go, and does not, as it is shared, stays', () => {
  const [first, shared] = [thing('carl', 1), thing('carl', 2, {}, 'shared')]
  expect(takenOver([first, shared], [first, shared], undefined)).toEqual(new Set([first]))
})

test('of things that all go none is taken over', () => {
  const all = [thing('carl', 1), thing('carl', 2)]
  expect(takenOver(all, all, undefined).size).toBe(0)
})

test.each<[string, Resource['key'], number, Partial<Resource['set']>]>([
  ['it has another key', 'dora', 2, {}],
  ['it was made before', 'carl', 0, {}],
  ['it is of another type', 'carl', 2, { type: 'order' }],
  ['it is in another store', 'carl', 2, { store: { driver: 'main', id: 'elsewhere' } }],
  ['it was there, and was only changed', 'carl', 2, { changed: true }],
  ['a function removes it', 'carl', 2, { steps: [{ closure: 'w' }] }],
  ['nothing removes it', 'carl', 2, { steps: [] }],
])('nothing is taken over where %s', (_, key, createdAt, set) => {
  expect(isTaken(thing('carl', 1), thing(key, createdAt, set))).toBe(false)
  expect(isTaken(thing('carl', 1, { changed: true }), thing('carl', 2))).toBe(false)
})

test('nothing is taken over where the same key is in two places: each order has an item 1', () => {
  expect(isTaken(thing(1, 1, item(7)), thing(1, 2, item(8)))).toBe(false)
})

test('of two functions nobody knows whether they remove the same', () => {
  const steps = [{ closure: 'w' }]
  expect(isTaken(thing('carl', 1, { steps }), thing('carl', 2, { steps }))).toBe(false)
})

test('a file that was removed and made anew is at its path still', () => {
  const file = (born: string) => ({
    steps: [{ ...removal('file'), args: { path: '{id}', born: { '/a': born } } }],
  })
  expect(isTaken(thing('/a', 1, file('1.1.1')), thing('/a', 2, file('1.2.2')))).toBe(true)
})
