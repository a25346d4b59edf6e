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

/** Each call tells all rules that stand, and whose replacement tells. */
const telling = (target: object, rules: string, name = 'query', patch = sharedPatch(mark)) =>
  patch(
    target,
    name,
    rules,
    (original, all) =>
      function (this: object, ...args: unknown[]) {
        return `${original.apply(this, args)} for ${[...all].join(' and ')}`
      },
  )

test('several who ask for the same share one patch, which goes with the last of them, whoever that is', () => {
  for (const lastOf of ['one', 'two']) {
    const Client = library()
    const before = Object.getOwnPropertyDescriptors(Client.prototype)
    const [one, two] = [telling(Client.prototype, 'one'), telling(Client.prototype, 'two')]
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

test('another copy of the driver finds the patch; another driver has its own', () => {
  const Client = library()
  using _one = telling(Client.prototype, 'one')
  using _copy = telling(Client.prototype, 'a copy', 'query', sharedPatch(Symbol.for('dustpan/test/patch')))
  using _other = telling(Client.prototype, 'another', 'query', sharedPatch(Symbol('another driver')))
  expect(new Client().query('this')).toBe('answer to this for one and a copy for another')
})

test('each method of an object is patched apart; the mark, which is not enumerable, goes with the last', () => {
  const Client = library()
  const [query, connect] = [telling(Client.prototype, 'one'), telling(Client.prototype, 'two', 'connect')]
  expect(Object.keys(Client.prototype)).toEqual([])
  query[Symbol.dispose]()
  expect([new Client().query('this'), new Client().connect()]).toEqual(['answer to this', 'connected for two'])
  expect(Reflect.ownKeys(Client.prototype)).toContain(mark)
  connect[Symbol.dispose]()
  expect(Reflect.ownKeys(Client.prototype)).not.toContain(mark)
})

test('an object whose class is patched is left alone, and keeps no patch of the class standing', () => {
  const Client = library()
  const ofClass = telling(Client.prototype, 'the class')
  const client = new (class extends Client {})()
  const ofOne = telling(client, 'one')
  using _ = telling(client, 'one', 'connect')
  expect([client.query('this'), client.connect()]).toEqual(['answer to this for the class', 'connected for one'])
  expect(Reflect.ownKeys(client)).toEqual(['connect', mark])
  ofClass[Symbol.dispose]()
  expect(client.query('this')).toBe('answer to this')
  ofOne[Symbol.dispose]()
})

test('of an object alone, others of its class are left alone', () => {
  const Client = library()
  const client = new Client()
  const ofOne = telling(client, 'one')
  expect([client.query('this'), new Client().query('this')]).toEqual(['answer to this for one', 'answer to this'])
  ofOne[Symbol.dispose]()
  expect(Reflect.ownKeys(client)).toEqual([])
})
