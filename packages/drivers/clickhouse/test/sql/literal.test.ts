import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { bareType, literal } from '../../src/sql/literal.ts'
import { nameParts, quoteName, quoteText, unescaped } from '../../src/sql/quote.ts'
import { onEveryServer } from '../servers.ts'
import { openWorld, type World } from '../world.ts'

const texts = [
  `'; DROP TABLE things; --`,
  '\\',
  `\\'`,
  `''`,
  'a\0b',
  'tab\tnew\nline\r',
  'ünï©ödé 漢字 😀 \u0301',
  '{id}',
  '`"',
  '\\N',
  '/* */ -- #',
  '\u2028',
  'x'.repeat(10_000),
  '',
]

describe('quoting', () => {
  test.for(texts)('%j is unchanged after quoting and unquoting', (text) => {
    expect(unescaped(quoteText(text).slice(1, -1))).toBe(text)
  })

  test('a quoted name is split into the same parts', () => {
    expect(nameParts('shop.orders')).toEqual(['shop', 'orders'])
    expect(nameParts(' `a.b` . "c`d" ')).toEqual(['a.b', 'c`d'])
    expect(nameParts(`${quoteName('a`b\\')}.t`)).toEqual(['a`b\\', 't'])
    for (const name of ['" OR ""="', '`; DELETE; `', 'a.b', '\\', `''`])
      for (const other of texts) expect(nameParts(`${quoteName(name)}.${quoteName(other)}`)).toEqual([name, other])
    expect(nameParts('a.b.c')).toBeUndefined()
    expect(nameParts('a b')).toBeUndefined()
    expect(nameParts('')).toBeUndefined()
  })

  test('a value that cannot be compared with certainty has no literal', () => {
    expect(literal('UInt8', '1; DROP')).toBeUndefined()
    expect(literal('Float64', 'inf')).toBeUndefined()
    expect(literal('Date', 'today')).toBeUndefined()
    expect(literal('DateTime', `now()`)).toBeUndefined()
    expect(literal('DateTime', '2024-02-29 12:00:00.5')).toBe("'2024-02-29 12:00:00'")
    expect(literal('Int8', 128)).toBeUndefined()
    expect(literal('UInt64', -1)).toBeUndefined()
    expect(literal('Array(String)', 'a')).toBeUndefined()
    expect(literal('Decimal(9, 2)', '1e3')).toBeUndefined()
    expect(bareType('LowCardinality(Nullable(String))')).toBe('String')
  })
})

interface TypeCase {
  readonly type: string
  /** The value that the test inserts. */
  readonly given: unknown
  readonly since?: number
}

const types: readonly TypeCase[] = [
  { type: 'UInt8', given: true },
  { type: 'Int64', given: '-9223372036854775808' },
  { type: 'UInt64', given: '18446744073709551615' },
  { type: 'Float32', given: 0.1 },
  { type: 'Float64', given: -1.5e-7 },
  { type: 'Decimal(18, 2)', given: 1.1 },
  { type: 'Date', given: '2024-02-29' },
  { type: 'DateTime', given: '2024-02-29 12:00:00' },
  { type: 'DateTime', given: 1_709_208_000 },
  { type: `DateTime('Asia/Tokyo')`, given: '2024-02-29 12:00:00' },
  { type: 'UUID', given: '3F2504E0-4F89-11D3-9A0C-0305E82C3301' },
  { type: 'FixedString(4)', given: 'ab' },
  { type: `Enum8('a' = 1, 'it\\'s' = 2)`, given: `it's` },
  ...texts.map((given) => ({ type: 'String', given })),
  { type: 'Bool', given: true, since: 22 },
  { type: 'Int128', given: '-170141183460469231731687303715884105728', since: 21 },
  {
    type: 'UInt256',
    given: '115792089237316195423570985008687907853269984665640564039457584007913129639935',
    since: 21,
  },
  { type: 'DateTime64(3)', given: '2024-02-29 12:00:00.123', since: 21 },
  { type: `DateTime64(6, 'Asia/Tokyo')`, given: '2024-02-29 12:00:00.123456', since: 21 },
  { type: 'IPv4', given: '10.0.0.1', since: 21 },
  { type: 'IPv6', given: '::1', since: 21 },
  { type: 'Date32', given: '1930-01-01', since: 22 },
  { type: 'LowCardinality(String)', given: 'low', since: 20 },
]

onEveryServer('keys of each type', (server) => {
  let world: World
  beforeEach(async () => {
    world = await openWorld(server)
  })
  afterEach(() => world[Symbol.asyncDispose]())
  const version = Number(server.version.split('.')[0])

  test.for(types.filter(({ since = 0 }) => since <= version))(
    'a row with the $type key $given is tracked and removed',
    async ({ type, given }) => {
      await world.ask(`CREATE TABLE k (k ${type}, n UInt8) ENGINE = MergeTree ORDER BY k`)
      await world.client.insert({ table: 'k', values: [{ k: given, n: 1 }], format: 'JSONEachRow' })
      expect(world.sink.live()).toHaveLength(1)
      expect(await world.remove()).toEqual(['removed'])
      expect(await world.column('SELECT count() FROM k')).toEqual(['0'])
    },
  )

  test('a row with NULL in a column where the test’s has a value is kept', async () => {
    await world.ask('CREATE TABLE k (a String, id Nullable(UInt32)) ENGINE = MergeTree ORDER BY a')
    await world.ask(`INSERT INTO k VALUES ('a', NULL), ('b', NULL)`)
    await world.client.insert({ table: 'k', values: [{ a: 'a', id: 1 }], format: 'JSONEachRow' })
    expect(world.sink.live()).toEqual(['k ["a",1]'])
    expect(await world.remove()).toEqual(['removed'])
    expect(await world.column('SELECT a FROM k ORDER BY a')).toEqual(['a', 'b'])
  })

  test('rows with a key of two columns and a Nullable id are removed', async () => {
    await world.ask('CREATE TABLE k (a String, b UInt32, id Nullable(UInt32)) ENGINE = MergeTree ORDER BY (a, b)')
    const values = [
      { a: `'`, b: 1, id: null },
      { a: `'`, b: 2, id: 3 },
    ]
    await world.client.insert({ table: 'k', values, format: 'JSONEachRow' })
    expect(world.sink.live()).toEqual([`k ["'",1]`, `k ["'",2]`])
    expect(await world.remove()).toEqual(['removed', 'removed'])
  })
})
