import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import {
  DustpanError,
  describeError,
  invalidArgument,
  isDustpanError,
  messageOf,
} from '../../src/errors/dustpan-error.ts'

test('an error has a code, a message, a hint and a cause', () => {
  const cause = new Error('inner')
  const error = new DustpanError('DUSTPAN_NO_SCOPE', 'what happened', { hint: 'what to do', cause })
  expect(error).toMatchObject({
    name: 'DustpanError',
    code: 'DUSTPAN_NO_SCOPE',
    message: 'what happened',
    hint: 'what to do',
    cause,
  })
  expect(error).toBeInstanceOf(Error)
  expect(new DustpanError('DUSTPAN_NO_SCOPE', 'm').hint).toBeUndefined()
})

test('invalidArgument() is a TypeError with the code DUSTPAN_INVALID_ARGUMENT', () => {
  const error = invalidArgument('expected a, got b', 'give a')
  expect(error).toBeInstanceOf(TypeError)
  expect(error).toMatchObject({ code: 'DUSTPAN_INVALID_ARGUMENT', hint: 'give a' })
})

test('isDustpanError() recognises errors of other realms and installs, and no others', () => {
  const foreign = runInNewContext("Object.defineProperty(new Error('m'), Symbol.for('dustpan/error'), { value: true })")
  expect([new DustpanError('DUSTPAN_NO_SCOPE', 'm'), invalidArgument('m'), foreign].map(isDustpanError)).toEqual([
    true,
    true,
    true,
  ])
  expect([new Error('m'), null, 'DUSTPAN_NO_SCOPE', { code: 'DUSTPAN_NO_SCOPE' }].map(isDustpanError)).toEqual([
    false,
    false,
    false,
    false,
  ])
})

test('the brand of an error is not enumerable', () => {
  expect(Object.keys(new DustpanError('DUSTPAN_NO_SCOPE', 'm'))).not.toContain('Symbol(dustpan/error)')
})

test.each<[unknown, string]>([
  [new Error('a'), 'a'],
  [new AggregateError([new Error('a'), new Error('b')]), 'a; b'],
  [new AggregateError([new Error('a')], 'all failed'), 'all failed'],
  [runInNewContext("new AggregateError([new Error('a'), new TypeError('b')])"), 'a; b'],
  ['text', 'text'],
  [undefined, 'undefined'],
  [null, 'null'],
  [{ message: 7 }, '7'],
  [Object.create(null), '[object Object]'],
])('the message of %o is %j', (thrown, message) => {
  expect(messageOf(thrown)).toBe(message)
})

test('describeError() gives a foreign error the default code', () => {
  expect(describeError(new Error('m'), 'DUSTPAN_HOOK_FAILED')).toEqual({ code: 'DUSTPAN_HOOK_FAILED', message: 'm' })
  expect(describeError(new DustpanError('DUSTPAN_NO_SCOPE', 'm', { hint: 'h' }), 'DUSTPAN_HOOK_FAILED')).toEqual({
    ...{ code: 'DUSTPAN_NO_SCOPE', message: 'm', hint: 'h' },
  })
})
