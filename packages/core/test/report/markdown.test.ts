import { expect, test } from 'vitest'
import { renderMarkdown } from '../../src/report/markdown.ts'
import { reportOf } from './reports.ts'

test('what is left stands in a table, what was removed is folded away', () => {
  const report = reportOf({
    fails: [{ type: 'user', keys: [7], state: 'kept', source: 'test/cart.test.ts:31' }],
    passes: [{ type: 'order', keys: [3], state: 'removed', result: '200 OK' }],
  })
  const text = renderMarkdown(report)
  expect(text).toMatch(/^### Dustpan: 2 tracked · 1 removed · 1 kept\n/)
  const [left = '', done = ''] = text.split('<details>')
  expect(left).toContain('| **kept**: the test failed | <code>user 7</code> | <code>DELETE /users/7</code> |')
  expect(left).toContain('<code>test/cart.test.ts:31</code>')
  expect(done).toContain('| 200 OK | <code>order 3</code> |')
})

test('nothing that a test says can break the table or become markup', () => {
  const key = 'a|b`c <script>\n@team'
  const report = reportOf({ 'adds | <b>bold</b>': [{ type: 'user', keys: [key], state: 'kept' }] })
  const rows = renderMarkdown(report)
    .split('\n')
    .filter((line) => line.startsWith('|'))
  expect(rows).toHaveLength(3)
  expect(rows[2]?.match(/ \| /g)).toHaveLength(4)
  expect(rows[2]).not.toMatch(/<script>|<b>|@team/)
})

test('a very long table is cut, and says so', () => {
  const keys = Array.from({ length: 700 }, (_, i) => i)
  const text = renderMarkdown(reportOf({ fails: [{ type: 'user', keys, state: 'kept' }] }))
  expect(text).toContain('| … | 200 more |')
})
