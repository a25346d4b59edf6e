import { describe, expect, test } from 'vitest'
import type { Json, Removal, Resource } from '../../src/resource/resource.ts'
import { newKnownResources } from '../../src/tracking/known.ts'
import { newRemovedByTests } from '../../src/tracking/removed-by-tests.ts'
import { pipeline } from '../pipeline.ts'
import { removal, scriptedStore } from '../scripted-store.ts'

const { id } = scriptedStore()
const digits: Removal = { ...removal('users'), args: { type: 'users', idType: 'digits' } }

const thing = (key: Json, by = removal('users')): Resource =>
  Object.assign(pipeline(scriptedStore()).create('users', 'carl', { steps: [by] }), { key })

/** What is found by each key in a store whose keys are known by their type, or not. */
function foundIn(typed: boolean, things: readonly Resource[]) {
  const known = newKnownResources(() => typed)
  known.add(things)
  return (key: Json, by?: Removal) => known.find(id, 'users', key, by)
}

describe('where clients differ in how they write one key', () => {
  test('7 and ’7’ are one, and the last one is what is there', () => {
    const things = [thing(7), thing('7', digits)]
    const find = foundIn(false, things)
    expect([7, '7'].map((key) => find(key, removal('users')))).toEqual([things[1], things[1]])
  })

  test('so they are of what tests removed', () => {
    const removed = newRemovedByTests(() => false)
    removed.add({ store: id, type: 'users', key: 7, by: undefined }, 'nobody')
    expect(removed.take({ store: id, type: 'users', key: '7', by: digits })).toBe('nobody')
    expect(removed.isEmpty).toBe(true)
  })
})

describe('where a store knows keys by their type', () => {
  test('each is found, by how it is removed where keys are alike', () => {
    const things = [
      thing(7),
      thing('7'),
      thing('7', digits),
      thing(true),
      thing('true'),
      thing({ a: 1 }),
      thing('{"a":1}'),
    ]
    const find = foundIn(true, things)
    expect(things.map(({ key, set }) => find(key, set.steps[0] as Removal))).toEqual(things)
    expect(find('7')).toBe(things[2])
    expect(find('true', digits)).toBeUndefined()
  })

  test('who writes a key by hand may mean what reads the same', () => {
    const known = newKnownResources(() => true)
    const one = thing(7)
    known.add([one])
    expect([known.find(id, 'users', '7'), known.alike(id, 'users', '7')]).toEqual([undefined, one])
  })

  test('one that is made again is what is there; all are found until they are gone', () => {
    const known = newKnownResources(() => true)
    const [first, again, other] = [thing(7), thing(7), thing('7')]
    known.add([first, again, other])
    expect(known.find(id, 'users', 7)).toBe(again)
    expect(known.all(id, 'users')).toEqual([again, other])
    again.state = 'gone'
    known.dropFinished()
    expect(known.all(id, 'users')).toEqual([other])
  })

  test('so they are of what tests removed', () => {
    const removed = newRemovedByTests(() => true)
    const of = (key: Json, by = removal('users')) => ({ store: id, type: 'users', key, by })
    removed.add(of('7'), 'nobody')
    expect([of(7), of('7', digits), of('7')].map(removed.creatorOf)).toEqual([undefined, undefined, 'nobody'])
    expect([of(7), of('7', digits), of('7')].map(removed.take)).toEqual([undefined, undefined, 'nobody'])
    expect(removed.isEmpty).toBe(true)
  })
})
