import { expect, test } from 'vitest'
import { codeFindings } from '../../docs/code-findings.ts'

test('error codes that are documented once and named by a test have no findings', () => {
  const document = '# Errors\n\n### `DUSTPAN_A`\n\nSee DUSTPAN_B.\n\n### DUSTPAN_B\n'
  expect(codeFindings(['DUSTPAN_A', 'DUSTPAN_B'], document, [`code: 'DUSTPAN_A'`, `'DUSTPAN_B'`])).toEqual([])
})

test('error codes that are undocumented, unknown, documented twice or untested are reported', () => {
  const document = '## DUSTPAN_A\n## DUSTPAN_A\n## DUSTPAN_OLD\n'
  expect(codeFindings(['DUSTPAN_A', 'DUSTPAN_B'], document, [`'DUSTPAN_A_LONGER' 'DUSTPAN_B'`])).toEqual([
    'docs/errors.md has no section for DUSTPAN_B',
    'docs/errors.md has a section for DUSTPAN_OLD, which is not a code',
    'docs/errors.md has more than one section for DUSTPAN_A',
    'no test names DUSTPAN_A',
  ])
})
