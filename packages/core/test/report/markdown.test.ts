import { expect, test } from 'vitest'
import { renderMarkdown } from '../../src/report/markdown.ts'
import { reportOf } from './reports.ts'

test('the summary lists what is left in a table, and folds what was removed', () => {
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

test('text from tests is escaped in the table', () => {
  const key = 'a|b`c <script>\n@team'
  const report = reportOf({ 'adds | <b>bold</b>': [{ type: 'user', keys: [key], state: 'kept' }] })
  const rows = renderMarkdown(report)
    .split('\n')
    .filter((line) => line.startsWith('|'))
  expect(rows).toHaveLength(3)
  expect(rows[2]?.match(/ \| /g)).toHaveLength(4)
  expect(rows[2]).not.toMatch(/<script>|<b>|@team/)
})

test('a long table is cut with a count', () => {
  const keys = Array.from({ length: 700 }, (_, i) => i)
  const text = renderMarkdown(reportOf({ fails: [{ type: 'user', keys, state: 'kept' }] }))
  expect(text).toContain('| … | 200 more |')
})
