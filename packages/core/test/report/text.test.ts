import { expect, test } from 'vitest'
import { renderText } from '../../src/report/text.ts'
import { reportOf } from './reports.ts'

const plain = { color: false, width: 100 }
const removed = { state: 'removed', result: '200 OK' } as const
const refusedByStore = {
  code: 'DUSTPAN_REMOVAL_FAILED',
  message: 'DELETE /orders/3 was answered 500 Internal Server Error.',
  hint: 'Look at the service.',
}

test('a run that tracked nothing has no text', () => {
  expect(renderText(reportOf({}), plain)).toBe('')
})

test('a clean run shows the counts and each call with its result', () => {
  const report = reportOf({
    one: [
      { type: 'user', keys: [7], ...removed },
      { type: 'order', keys: [12345], state: 'already-gone', result: '404 Not Found' },
      { type: 'cart', keys: ['c'], state: 'gone' },
      { type: 'plan', keys: ['free'], state: 'shared' },
    ],
  })
  expect(renderText(report, plain)).toBe(
    [
      'Dustpan  4 tracked · 3 removed · 1 shared in 20 ms  run 20261121-051207-k3f9x2',
      '  ✓ user 7       DELETE /users/7       200 OK',
      '  ✓ order 12345  DELETE /orders/12345  already gone, 404 Not Found',
      '  ✓ cart c       DELETE /carts/c       rolled back',
      '  ○ plan free    DELETE /plans/free    shared',
    ].join('\n'),
  )
})

test('equal resources share one line, and lines beyond the limit are counted', () => {
  const many = Array.from({ length: 12 }, (_, i) => ({ type: `type${i}`, keys: [1], ...removed }))
  const report = reportOf({
    one: [{ type: 'user', keys: Array.from({ length: 1200 }, (_, i) => i), ...removed }, ...many],
  })
  const text = renderText(report, plain)
  expect(text).toMatch(/✓ user ×1,200 +DELETE \/users\/\{id\} +200 OK/)
  expect(text).toContain('… and 3 more')
})

test('kept resources are listed with test, source line and expiry; failures follow with their reason', () => {
  const source = 'test/cart.test.ts:31'
  const report = reportOf({
    breaks: [{ type: 'order', keys: [3], state: 'failed', error: refusedByStore, source }],
    fails: [{ type: 'user', keys: [7], state: 'kept', source }],
  })
  expect(renderText(report, plain)).toBe(
    [
      'Dustpan  2 tracked · 0 removed · 1 kept · 1 failed in 10 ms',
      '',
      '  test/cart.test.ts > fails  kept: the test failed, until 2026-11-22 05:12 UTC',
      '    ● user 7  DELETE /users/7  kept  test/cart.test.ts:31',
      '',
      '  test/cart.test.ts > breaks',
      '    ✗ order 3  DELETE /orders/3  failed  test/cart.test.ts:31',
      '        DELETE /orders/3 was answered 500 Internal Server Error.  DUSTPAN_REMOVAL_FAILED',
      '        Look at the service.',
      '',
      '  look    npx dustpan list 20261121-051207-k3f9x2',
      '  remove  npx dustpan clean 20261121-051207-k3f9x2',
    ].join('\n'),
  )
})

test('the reason of several resources has {id} in place of the key', () => {
  const stays = (id: number) => ({ code: 'DUSTPAN_PROTECTED', message: `It is not removed: user ${id} stays.` })
  const textOf = (ids: number[]) =>
    renderText(
      reportOf({ claims: ids.map((id) => ({ type: 'user', keys: [id], state: 'refused', error: stays(id) })) }),
      plain,
    )
  expect(textOf([1])).toContain('user 1 stays.')
  expect(textOf([1, 2])).toContain('user {id} stays.')
  expect(textOf([1, 2, 3, 4])).toContain('user {id} stays.')
})

test('the same reason is shown once for adjacent resources', () => {
  const error = (id: number) => ({ code: 'DUSTPAN_NOT_OURS', message: `Row ${id} is another one.` })
  const failed = [1, 2].map((id) => ({ type: 'row', keys: [id], state: 'failed' as const, error: error(id) }))
  expect(renderText(reportOf({ one: failed }), plain).match(/is another one/g)).toHaveLength(1)
})

test('no line is wider than the terminal, except a word without spaces', () => {
  const source = `test/${'deep/'.repeat(8)}cart.test.ts:31`
  const key = 'k'.repeat(90)
  const report = reportOf({
    [`a title ${'of many words '.repeat(3)}`]: [
      { type: 'user', keys: [key], state: 'kept', source },
      { type: 'order', keys: [3], state: 'failed', error: refusedByStore, source },
      { type: 'plan', keys: [key], ...removed },
    ],
  })
  const lines = renderText(report, { color: false, width: 80 }).split('\n')
  expect(lines.filter((line) => line.length > 80)).toEqual([])
  expect(lines.filter((line) => line.includes(source))).toHaveLength(2)
})

test('kept resources beyond the limit of lines are counted', () => {
  const tests = Object.fromEntries(
    Array.from({ length: 1000 }, (_, i) => [`test ${i}`, [{ type: 'user', keys: [i], state: 'kept' as const }]]),
  )
  const text = renderText(reportOf(tests), plain)
  expect(text.match(/● user/g)).toHaveLength(50)
  expect(text).toContain('… and 950 more: npx dustpan list 20261121-051207-k3f9x2')
})

test('unresolved creates and warnings are shown', () => {
  const store = { driver: 'http', id: 'http://localhost' }
  const report = reportOf({}, [
    { e: 'create.intended', scope: 's', intent: 'i', store, type: 'user', via: 'POST /users', at: 0, source: 'a.ts:1' },
    { e: 'warning', code: 'DUSTPAN_NO_ID', message: 'POST /things told of no id.' },
  ])
  const text = renderText(report, plain)
  expect(text).toContain('? POST /users in http: started; outcome unknown, a.ts:1')
  expect(text).toContain('! POST /things told of no id.  DUSTPAN_NO_ID')
})

test('equal unresolved creates share one line', () => {
  const store = { driver: 'http', id: 'http://localhost' }
  const intent = { e: 'create.intended', scope: 's', store, type: 'user', via: 'POST /users', at: 0 } as const
  const report = reportOf(
    {},
    ['a', 'b', 'c'].map((name) => ({ ...intent, intent: name, source: name === 'c' ? 'b.ts:2' : 'a.ts:1' })),
  )
  const text = renderText(report, plain)
  expect(text).toContain('? POST /users in http: started; outcome unknown, a.ts:1 (2 times)')
  expect(text).toMatch(/outcome unknown, b\.ts:2$/m)
  expect(text.match(/outcome unknown/g)).toHaveLength(2)
})

test('control characters in keys and titles are removed', () => {
  const report = reportOf({ 'two\nlines': [{ type: 'user', keys: ['\x1b[2Jboo\r\n'], state: 'kept' }] })
  const text = renderText(report, plain)
  expect(text).toContain('test/cart.test.ts > two lines')
  expect(text).not.toContain('\x1b')
  expect(text).not.toContain('\r')
})

test('color: true colours the text, color: false does not', () => {
  const report = reportOf({ one: [{ type: 'user', keys: [7], ...removed }] })
  expect(renderText(report, { color: true })).toContain('\x1b[32m')
  expect(renderText(report, { color: false })).not.toContain('\x1b')
})
