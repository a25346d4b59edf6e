import { expect, test } from 'vitest'
import { renderHtml } from '../../src/report/html.ts'
import { reportOf } from './reports.ts'

test('the page lists what is left per test, folds the rest away, and has no scripts or links', () => {
  const report = reportOf({
    fails: [{ type: 'user', keys: [7], state: 'kept', source: 'test/cart.test.ts:31' }],
    passes: [{ type: 'order', keys: [3], state: 'removed', result: '200 OK' }],
  })
  const page = renderHtml(report)
  const [left = '', done = ''] = page.split('<details>')
  expect(left).toContain('<h3>test/cart.test.ts &#62; fails</h3>')
  expect(left).toContain('kept: the test failed, until 2026-11-22 05:12 UTC')
  expect(left).toContain('<td>user <code>7</code></td><td><code>DELETE /users/7</code></td>')
  expect(left).toContain('npx dustpan clean 20261121-051207-k3f9x2')
  expect(done).toContain('<td>order <code>3</code></td>')
  expect(page).not.toMatch(/<script|<link|<img|src=|href=|url\(|@import/)
})

test('text from tests is escaped in the page', () => {
  const report = reportOf({
    '<b>bold</b> & "quoted"': [
      {
        type: '<i>',
        keys: ['</code><script>alert(1)</script>'],
        state: 'failed',
        error: { code: 'X', message: '<u>\u0007' },
      },
    ],
  })
  const page = renderHtml(report)
  expect(page).not.toMatch(/<script|<b>|<i>|<u>/)
  expect(page).not.toContain('\u0007')
  expect(page).toContain('&#60;b&#62;bold&#60;/b&#62; &#38; &#34;quoted&#34;')
})

test('the page says when nothing is left, and cuts long lists with a count', () => {
  expect(renderHtml(reportOf({ passes: [{ type: 'user', keys: [1], state: 'removed' }] }))).toContain(
    'Nothing is left.',
  )
  const keys = Array.from({ length: 2100 }, (_, i) => i)
  expect(renderHtml(reportOf({ fails: [{ type: 'user', keys, state: 'kept' }] }))).toContain('… and 100 more')
})
