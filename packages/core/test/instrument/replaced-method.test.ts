import { expect, test } from 'vitest'
import { ownerOf, replaceMethod } from '../../src/instrument/replaced-method.ts'

class Client {
  query(text: string, _values: unknown[] = []): string {
    return `answer to ${text}`
  }
}

class PoolClient extends Client {}

const loudly = (target: object, name: PropertyKey = 'query') =>
  replaceMethod(
    target,
    name,
    (original) =>
      function (this: object, ...args: unknown[]) {
        return `${original.apply(this, args)}!`
      },
  )

test('the replacement stands under the name of the method, with its length, and is no more enumerable than it', () => {
  const before = Object.getOwnPropertyDescriptor(Client.prototype, 'query')
  using _ = loudly(Client.prototype)
  const { query } = Client.prototype
  expect(new Client().query('this')).toBe('answer to this!')
  expect([query.name, query.length]).toEqual(['query', 1])
  expect(Object.getOwnPropertyDescriptor(Client.prototype, 'query')).toEqual({ ...before, value: query })
  const plain = { query: (text: string) => text }
  using _plain = loudly(plain)
  expect(Object.keys(plain)).toEqual(['query'])
})

test('undone, the object is as it was: an inherited method is inherited again', () => {
  const before = Object.getOwnPropertyDescriptors(Client.prototype)
  const client = new Client()
  for (const target of [Client.prototype, client]) loudly(target)[Symbol.dispose]()
  expect(Object.getOwnPropertyDescriptors(Client.prototype)).toEqual(before)
  expect(Reflect.ownKeys(client)).toEqual([])
})

test('what somebody else has put over it stays', () => {
  const client = new Client()
  const replaced = loudly(client)
  const ours = client.query
  client.query = (text) => `traced ${ours.call(client, text)}`
  replaced[Symbol.dispose]()
  expect(client.query('this')).toBe('traced answer to this!')
})

test('where there is no such method nothing is done', () => {
  const client = Object.assign(new Client(), { pool: 3 })
  for (const name of ['stream', 'pool']) loudly(client, name)[Symbol.dispose]()
  expect(client).toEqual({ pool: 3 })
})

test('a method is owned by the prototype that has it itself, and by whom it was looked for where none has', () => {
  expect(ownerOf(PoolClient.prototype, 'query')).toBe(Client.prototype)
  expect(ownerOf(PoolClient.prototype, 'stream')).toBe(Object.prototype)
})
