import { expect, test } from 'vitest'
import { sharedPatch } from '../../src/instrument/shared-patch.ts'

const mark = Symbol.for('dustpan/test/patch')

function library() {
  class Client {
    connect(): string {
      return 'connected'
    }
    query(text: string): string {
      return `answer to ${text}`
    }
  }
  return Client
}

/** Patches a method so that each call names all rules in effect. */
const patchMethod = (target: object, rules: string, name = 'query', patch = sharedPatch(mark)) =>
  patch(
    target,
    name,
    rules,
    (original, all) =>
      function (this: object, ...args: unknown[]) {
        return `${original.apply(this, args)} for ${[...all].join(' and ')}`
      },
  )

test('several rules share one patch until the last is disposed, in any order', () => {
  for (const lastOf of ['one', 'two']) {
    const Client = library()
    const before = Object.getOwnPropertyDescriptors(Client.prototype)
    const [one, two] = [patchMethod(Client.prototype, 'one'), patchMethod(Client.prototype, 'two')]
    expect(new Client().query('this')).toBe('answer to this for one and two')
    const [first, last] = lastOf === 'two' ? [one, two] : [two, one]
    first[Symbol.dispose]()
    first[Symbol.dispose]()
    expect(new Client().query('this')).toBe(`answer to this for ${lastOf}`)
    last[Symbol.dispose]()
    expect(Object.getOwnPropertyDescriptors(Client.prototype)).toEqual(before)
    expect(Reflect.ownKeys(Client.prototype)).not.toContain(mark)
  }
})

test('another copy of a driver shares the patch, and another driver has its own', () => {
  const Client = library()
  using _one = patchMethod(Client.prototype, 'one')
  using _copy = patchMethod(Client.prototype, 'a copy', 'query', sharedPatch(Symbol.for('dustpan/test/patch')))
  using _other = patchMethod(Client.prototype, 'another', 'query', sharedPatch(Symbol('another driver')))
  expect(new Client().query('this')).toBe('answer to this for one and a copy for another')
})

test('methods of an object are patched separately, and the non-enumerable mark goes with the last patch', () => {
  const Client = library()
  const [query, connect] = [patchMethod(Client.prototype, 'one'), patchMethod(Client.prototype, 'two', 'connect')]
  expect(Object.keys(Client.prototype)).toEqual([])
  query[Symbol.dispose]()
  expect([new Client().query('this'), new Client().connect()]).toEqual(['answer to this', 'connected for two'])
  expect(Reflect.ownKeys(Client.prototype)).toContain(mark)
  connect[Symbol.dispose]()
  expect(Reflect.ownKeys(Client.prototype)).not.toContain(mark)
})

test('a patch of a class covers its instances, and a patch of an instance does not keep it', () => {
  const Client = library()
  const ofClass = patchMethod(Client.prototype, 'the class')
  const client = new (class extends Client {})()
  const ofOne = patchMethod(client, 'one')
  using _ = patchMethod(client, 'one', 'connect')
  expect([client.query('this'), client.connect()]).toEqual(['answer to this for the class', 'connected for one'])
  expect(Reflect.ownKeys(client)).toEqual(['connect', mark])
  ofClass[Symbol.dispose]()
  expect(client.query('this')).toBe('answer to this')
  ofOne[Symbol.dispose]()
})

test('a patch of an instance does not affect others of its class', () => {
  const Client = library()
  const client = new Client()
  const ofOne = patchMethod(client, 'one')
  expect([client.query('this'), new Client().query('this')]).toEqual(['answer to this for one', 'answer to this'])
  ofOne[Symbol.dispose]()
  expect(Reflect.ownKeys(client)).toEqual([])
})
