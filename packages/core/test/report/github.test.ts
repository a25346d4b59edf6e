import { expect, test } from 'vitest'
import { renderGithub } from '../../src/report/github.ts'
import { reportOf } from './reports.ts'

test('a kept resource is a notice at the line that created it, a failed removal a warning', () => {
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

test('text from tests cannot start a workflow command', () => {
  const report = reportOf({ 'a, b\n::error::x': [{ type: 'user', keys: ['%\n::error::y'], state: 'kept' }] })
  expect(renderGithub(report, '/shop').split('\n')).toHaveLength(1)
})

test('at most ten annotations are printed, and none if nothing is left', () => {
  const tests = Array.from({ length: 12 }, (_, i) => [
    `test ${i}`,
    [{ type: 'user', keys: [i], state: 'kept' as const }],
  ])
  expect(renderGithub(reportOf(Object.fromEntries(tests)), '/shop').split('\n')).toHaveLength(10)
  expect(renderGithub(reportOf({}), '/shop')).toBe('')
})
