import { describe, expect, test } from 'vitest'
import { createDriver } from '../src/driver.ts'
import { parseAddress, sameStore, storeId, withDatabase } from '../src/identity.ts'
import { keyOf } from '../src/keys.ts'

const driver = (options: object) =>
  createDriver('main', options, { root: import.meta.dirname, environment: 'test', functions: {} as never })

describe('identity of a store', () => {
  test.for([
    ['mongodb://user:p%40ss@LOCALHOST/shop?authSource=admin', 'mongodb://localhost:27017/shop'],
    ['mongodb://127.0.0.1:27018', 'mongodb://localhost:27018/test'],
    ['mongodb://[::1]:27018/shop', 'mongodb://localhost:27018/shop'],
    ['mongodb://127.evil.example/shop', 'mongodb://127.evil.example:27017/shop'],
    ['mongodb://[fe80::1]/shop', 'mongodb://[fe80::1]:27017/shop'],
    ['mongodb://b:2,a:1/shop?replicaSet=rs%200&w=1', 'mongodb://a:1,b:2/shop?replicaSet=rs%200'],
    ['mongodb+srv://user:secret@cluster0.abc.mongodb.net/shop?w=1', 'mongodb+srv://cluster0.abc.mongodb.net/shop'],
    ['mongodb://%2Ftmp%2Fmongodb-27017.sock/shop', 'mongodb://%2Ftmp%2Fmongodb-27017.sock/shop'],
    ['mongodb://a/w%C3%BCrfel', 'mongodb://a:27017/w%C3%BCrfel'],
  ] as const)('the store id of %s is %s', ([url, id]) => {
    const address = parseAddress(url)
    expect(address && storeId(address)).toBe(id)
    expect(parseAddress(id)).toEqual(address)
  })

  test.for([
    ['mongodb://a:1,b:2/shop?replicaSet=rs', 'mongodb://b:2,c:3/shop?replicaSet=rs', true],
    ['mongodb://a:1,b:2/shop?replicaSet=rs', 'mongodb://a:1/shop?replicaSet=other', false],
    ['mongodb://a:1,b:2/shop?replicaSet=rs', 'mongodb://b:2/shop', true],
    ['mongodb://a:1/shop', 'mongodb://a:1/other', false],
    ['mongodb://a:1/shop', 'mongodb://a:2/shop', false],
    ['mongodb+srv://c.abc.mongodb.net/shop', 'mongodb://c-shard-0.abc.mongodb.net:27017/shop?replicaSet=rs', true],
    ['mongodb+srv://c.abc.mongodb.net/shop', 'mongodb://c-shard-0.xyz.mongodb.net:27017/shop?replicaSet=rs', false],
    ['mongodb+srv://c.abc.mongodb.net/shop', 'mongodb+srv://c.abc.mongodb.net/shop', true],
  ] as const)('%s and %s are the same store: %s', ([one, other, same]) => {
    const [a, b] = [parseAddress(one), parseAddress(other)]
    expect(a && b && sameStore(a, b)).toBe(same)
    expect(driver({ url: one }).leadsTo?.({ id: other })).toBe(same)
  })

  test.for(['/', '?', '#', ',x/'])(
    'DUSTPAN_CONFIG_INVALID: a url whose password has an unencoded %s, without the password in the message',
    (sign) => {
      expect(() => driver({ url: `mongodb://user:sec${sign}ret@a/shop` })).toThrow(
        expect.objectContaining({ code: 'DUSTPAN_CONFIG_INVALID', message: expect.not.stringMatching(/sec|ret/) }),
      )
    },
  )

  test('withDatabase() keeps the database that authenticates as authSource', () => {
    expect(withDatabase('mongodb://u:p@a/shop', 'other')).toBe('mongodb://u:p@a/other?authSource=shop')
    expect(withDatabase('mongodb://u:p@a/shop?authSource=admin', 'b')).toBe('mongodb://u:p@a/b?authSource=admin')
    expect(withDatabase('mongodb://a,b/?replicaSet=rs', 'c')).toBe('mongodb://a,b/c?replicaSet=rs')
  })
})

test.for([
  [{ url: 'http://localhost' }, 'url'],
  [{ url: 'mongo://user:hush@localhost' }, 'url'],
  [{ softDelete: { users: {} } }, 'softDelete'],
  [{ deletion: 'gone' }, 'deletion'],
  [{ references: { orders: { userId: 7 } } }, 'references'],
  [{ mark: { run: 'x' } }, 'mark'],
  [{ mark: { tag: 'x' } }, 'mark'],
  [{ capture: 'yes' }, 'capture'],
  [{ kinds: { users: { owner: 7 } } }, 'kinds'],
  [{ owners: { key: 'id' } }, 'owners'],
  [{ ignoreCollections: 'a' }, 'ignoreCollections'],
  [{ uri: 'mongodb://localhost' }, 'uri'],
] as const)('DUSTPAN_CONFIG_INVALID: %j', ([options, option]) => {
  const message = expect.stringMatching(new RegExp(`^drivers\\.main\\.options\\.${option}: expected (?!.*hush)`))
  expect(() => driver(options)).toThrow(expect.objectContaining({ code: 'DUSTPAN_CONFIG_INVALID', message }))
})

test.for([
  [Number.NaN, { $numberDouble: 'NaN' }],
  [9_007_199_254_740_993n, { $numberLong: '9007199254740993' }],
  [7n, 7],
  [undefined, null],
  [new Uint8Array([1, 2]), { $binary: { base64: 'AQI=', subType: '00' } }],
  [
    { b: new Date(5), a: [1] },
    { b: { $date: { $numberLong: '5' } }, a: [1] },
  ],
] as const)('the key %s is written as %j', ([id, json]) => {
  expect(keyOf(id)).toEqual({ json, idType: undefined })
})
