import { expect, test } from 'vitest'
import { ownerOf, replaceMethod } from '../../src/instrument/replaced-method.ts'

class Client {
  query(text: string, _values: unknown[] = []): string {
    return `answer to ${text}`
  }
}

class PoolClient extends Client {}

const replaceQuery = (target: object, name: PropertyKey = 'query') =>
  replaceMethod(
    target,
    name,
    (original) =>
      function (this: object, ...args: unknown[]) {
        return `${original.apply(this, args)}!`
      },
  )

test('a replaced method keeps its name, length and enumerability', () => {
  const before = Object.getOwnPropertyDescriptor(Client.prototype, 'query')
  using _ = replaceQuery(Client.prototype)
  const { query } = Client.prototype
  expect(new Client().query('this')).toBe('answer to this!')
  expect([query.name, query.length]).toEqual(['query', 1])
  expect(Object.getOwnPropertyDescriptor(Client.prototype, 'query')).toEqual({ ...before, value: query })
  const plain = { query: (text: string) => text }
  using _plain = replaceQuery(plain)
  expect(Object.keys(plain)).toEqual(['query'])
})

test('undoing a replacement restores the object, and an inherited method is inherited again', () => {
  const before = Object.getOwnPropertyDescriptors(Client.prototype)
  const client = new Client()
  for (const target of [Client.prototype, client]) replaceQuery(target)[Symbol.dispose]()
  expect(Object.getOwnPropertyDescriptors(Client.prototype)).toEqual(before)
  expect(Reflect.ownKeys(client)).toEqual([])
})

test('undoing a replacement leaves a later replacement by somebody else', () => {
  const client = new Client()
  const replaced = replaceQuery(client)
  const ours = client.query
  client.query = (text) => `traced ${ours.call(client, text)}`
  replaced[Symbol.dispose]()
  expect(client.query('this')).toBe('traced answer to this!')
})

test('a missing method is not replaced', () => {
  const client = Object.assign(new Client(), { pool: 3 })
  for (const name of ['stream', 'pool']) replaceQuery(client, name)[Symbol.dispose]()
  expect(client).toEqual({ pool: 3 })
})

test('ownerOf() is the prototype with the method, or Object.prototype', () => {
  expect(ownerOf(PoolClient.prototype, 'query')).toBe(Client.prototype)
  expect(ownerOf(PoolClient.prototype, 'stream')).toBe(Object.prototype)
})
