import { expect, test } from 'vitest'
import { renderGithub } from '../../src/report/github.ts'
import { reportOf } from './reports.ts'

test('what a test left stands at the line that created it; a failed removal is a warning', () => {
  const report = reportOf({
    fails: [{ type: 'user', keys: [7], state: 'kept', source: 'test/cart.test.ts:31' }],
    breaks: [{ type: 'order', keys: [3], state: 'failed', source: 'test/cart.test.ts:40' }],
    passes: [{ type: 'order', keys: [4], state: 'removed' }],
  })
  const [kept = '', failed = '', ...more] = renderGithub(report, '/shop').split('\n')
  expect(kept).toMatch(
    /^::notice file=\/shop\/test\/cart\.test\.ts,line=31,title=Dustpan%3A .*fails::left behind: user 7/,
  )
  expect(failed).toMatch(/^::warning file=\/shop\/test\/cart\.test\.ts,line=40,/)
  expect(more).toEqual([])
})

test('nothing that a test says can begin a command of its own', () => {
  const report = reportOf({ 'a, b\n::error::x': [{ type: 'user', keys: ['%\n::error::y'], state: 'kept' }] })
  expect(renderGithub(report, '/shop').split('\n')).toHaveLength(1)
})

test('no more than ten are told, and nothing where nothing was left', () => {
  const tests = Array.from({ length: 12 }, (_, i) => [
    `test ${i}`,
    [{ type: 'user', keys: [i], state: 'kept' as const }],
  ])
  expect(renderGithub(reportOf(Object.fromEntries(tests)), '/shop').split('\n')).toHaveLength(10)
  expect(renderGithub(reportOf({}), '/shop')).toBe('')
})
