/** A suite of more than 300 tests behaves the same with and without Dustpan. */
import { describe, expect, test } from 'vitest'
import { compare } from '../src/non-interference/compare.ts'
import { differences } from '../src/non-interference/differences.ts'
import { runners } from '../src/non-interference/runners.ts'

describe.each(runners)('$name', (runner) => {
  test('results, exit codes, output, snapshots, coverage, traces and events are the same with Dustpan', async () => {
    const { tests, differences, leftFolder } = await compare(runner)
    expect(tests).toBeGreaterThanOrEqual(300)
    expect(differences).toEqual([])
    expect(leftFolder).toBe(false)
  }, 300_000)
})

describe('the comparison', () => {
  const allowing = { bare: { 'some.config.js': '' }, visible: { 'because it may': /^allowed/ } }

  test('a changed line is reported with its number', () => {
    const found = differences({ 'run: stdout': 'a\nb' }, { 'run: stdout': 'a\nc' }, allowing)
    expect(found).toEqual(['run: stdout\n  - 2: b\n  + 2: c'])
  })
  test('a different order of lines is reported', () => {
    const [found] = differences({ 'run: events': 'a\nb' }, { 'run: events': 'b\na' }, allowing)
    expect(found).toContain('the same lines in another order: a')
  })
  test('a missing file and a different exit code are reported', () => {
    const bare = { 'run: exit code': '0', 'run: a.snap': 'x' }
    expect(differences(bare, { 'run: exit code': '1' }, allowing)).toEqual([
      'run: a.snap\n  only bare',
      'run: exit code\n  - 1: 0\n  + 1: 1',
    ])
  })
  test('differences in the configuration file and in allowed lines are ignored', () => {
    const adapted = { 'run: some.config.js': 'other', 'run: observed.txt': 'a\nallowed' }
    expect(differences({ 'run: some.config.js': 'one', 'run: observed.txt': 'a' }, adapted, allowing)).toEqual([])
  })
})
