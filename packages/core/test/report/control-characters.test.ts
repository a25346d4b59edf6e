import { expect, test } from 'vitest'
import { oneLine } from '../../src/report/columns.ts'
import { leftBehind } from '../../src/report/left-behind.ts'
import { reportOf } from './reports.ts'

test.for([
  ['a\x1b[2Jb', 'a\\x1b[2Jb'],
  ['invoice\u202Efdp.exe', 'invoice\\u{202e}fdp.exe'],
  ['a\u2066b\u2069c\u200Ed', 'a\\u{2066}b\\u{2069}c\\u{200e}d'],
  ['a\u2028b\n c', 'a b c'],
  ['\u{1F468}\u200D\u{1F469}', '\u{1F468}\u200D\u{1F469}'],
])('%j is shown without control characters', ([text, shown]) => {
  expect(oneLine(text as string)).toBe(shown)
})

test('what a test left is shown on one line, whatever its names contain', () => {
  const error = { code: 'DUSTPAN_REMOVAL_FAILED', message: 'no\n\x1b[31msuch' }
  const report = reportOf({ fails: [{ type: 'us\ner', keys: ['7\x07'], state: 'failed', error }] })
  expect(leftBehind(report)).toBe('left behind: us er 7\\x07 (failed: no \\x1b[31msuch)')
})
