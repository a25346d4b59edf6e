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

/** Finds resources by key, in a store with or without typed keys. */
function foundIn(typed: boolean, things: readonly Resource[]) {
  const known = newKnownResources(() => typed)
  known.add(things)
  return (key: Json, by?: Removal) => known.find(id, 'users', key, by)
}

describe('without typed keys', () => {
  test('7 and ’7’ are one key, and the last resource is found', () => {
    const things = [thing(7), thing('7', digits)]
    const find = foundIn(false, things)
    expect([7, '7'].map((key) => find(key, removal('users')))).toEqual([things[1], things[1]])
  })

  test('7 and ’7’ are one key among deleted resources', () => {
    const removed = newRemovedByTests(() => false)
    removed.add({ store: id, type: 'users', key: 7, by: undefined }, 'nobody')
    expect(removed.take({ store: id, type: 'users', key: '7', by: digits })).toBe('nobody')
    expect(removed.isEmpty).toBe(true)
  })
})

describe('with typed keys', () => {
  test('each key is found, and equal keys are told apart by their removal', () => {
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

  test('alike() finds a key that reads the same', () => {
    const known = newKnownResources(() => true)
    const one = thing(7)
    known.add([one])
    expect([known.find(id, 'users', '7'), known.alike(id, 'users', '7')]).toEqual([undefined, one])
  })

  test('a later resource replaces an earlier one with its key until it is gone', () => {
    const known = newKnownResources(() => true)
    const [first, second, other] = [thing(7), thing(7), thing('7')]
    known.add([first, second, other])
    expect(known.find(id, 'users', 7)).toBe(second)
    expect(known.all(id, 'users')).toEqual([second, other])
    second.state = 'gone'
    known.dropFinished()
    expect(known.all(id, 'users')).toEqual([other])
  })

  test('7 and ’7’ are distinct keys among deleted resources', () => {
    const removed = newRemovedByTests(() => true)
    const of = (key: Json, by = removal('users')) => ({ store: id, type: 'users', key, by })
    removed.add(of('7'), 'nobody')
    expect([of(7), of('7', digits), of('7')].map(removed.creatorOf)).toEqual([undefined, undefined, 'nobody'])
    expect([of(7), of('7', digits), of('7')].map(removed.take)).toEqual([undefined, undefined, 'nobody'])
    expect(removed.isEmpty).toBe(true)
  })
})
