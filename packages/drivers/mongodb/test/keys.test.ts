import { runInNewContext } from 'node:vm'
import { Binary, Double, Int32, Long, ObjectId, UUID } from 'mongodb'
import { describe, expect, test } from 'vitest'
import { isPlain } from '../src/capture/marks.ts'
import { keepsOrder, keyOf, textOf } from '../src/keys.ts'

const digits = '65a1b2c3d4e5f6a7b8c9d0e1'
const uuid = '3f2504e0-4f89-11d3-9a0c-0305e82c3301'

describe('text of a key', () => {
  test('is the same for values from another vm context, as Jest’s tests have', () => {
    const other = runInNewContext(`({
      map: new Map([['a', 1], ['b', new Map([['c', 2]])]]),
      misordered: new Map([['b', 2], ['1', 1]]),
      bytes: new Uint8Array([1, 2]),
    })`) as { map: unknown; misordered: unknown; bytes: unknown }
    expect(keyOf(other.map).json).toEqual({ a: 1, b: { c: 2 } })
    expect(keyOf(other.bytes)).toEqual(keyOf(new Uint8Array([1, 2])))
    expect(keepsOrder(other.misordered)).toBe(false)
    expect(isPlain(other.map)).toBe(false)
  })

  test.for([
    ['integers of all types', [7, 7n, new Int32(7), new Double(7), Long.fromNumber(7)]],
    ['negative zero', [0, -0]],
    ['integers from 2^53 on', [2 ** 53, Long.fromString('9007199254740992')]],
    ['a UUID as such and as bytes', [new UUID(uuid), new Binary(new UUID(uuid).buffer, 4)]],
    [
      'documents',
      [
        { a: 1, b: { c: 2n } },
        { a: Long.ONE, b: new Map([['c', 2]]) },
      ],
    ],
  ] as const)('is the same for values that the server treats as equal: %s', ([, values]) => {
    expect(new Set(values.map((value) => textOf(keyOf(value)))).size).toBe(1)
  })

  test('differs for every other value and type', () => {
    const values = [
      ...[7, '7', 7.5, '', null, true, 'true', 'null', Long.fromString('9007199254740993'), 2 ** 53],
      ...[
        new ObjectId(digits),
        digits,
        `ObjectId ${digits}`,
        new UUID(uuid),
        uuid,
        new Binary(new UUID(uuid).buffer, 3),
      ],
      ...[new Date(7), { a: 1, b: 2 }, { b: 2, a: 1 }, { a: 1, b: '2' }, '{"a":1,"b":2}', [1], { $numberLong: '9' }],
    ]
    expect(new Set(values.map((value) => textOf(keyOf(value)))).size).toBe(values.length)
  })

  test.for([
    [
      true,
      new Map([
        ['1', 1],
        ['b', 2],
      ]),
    ],
    [true, { b: 2, 1: 1 }],
    [true, new ObjectId(digits)],
    [true, { a: [new Date(0), null, Buffer.from('ab')] }],
    [
      false,
      new Map<string, unknown>([
        ['b', 2],
        ['1', 1],
      ]),
    ],
    [
      false,
      new Map([
        ['2', 2],
        ['1', 1],
      ]),
    ],
    [
      false,
      {
        a: [
          {
            toBSON: () =>
              new Map([
                ['b', 2],
                ['1', 1],
              ]),
          },
        ],
      },
    ],
  ] as const)('keepsOrder() is %s for %j', ([expected, value]) => {
    expect(keepsOrder(value)).toBe(expected)
  })
})
