import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { root } from '../workspace.ts'

/** A folder inside the workspace, so that Vitest is found, with a configuration of its own. */
let folder: string
beforeEach(async () => {
  await mkdir(join(root, '.cache'), { recursive: true })
  folder = await mkdtemp(join(root, '.cache', 'totals-'))
  await writeFile(join(folder, 'vitest.config.ts'), `export default { test: { include: ['**/*.test.ts'] } }\n`)
})
afterEach(() => rm(folder, { recursive: true }))

async function runTests(files: Record<string, string>, env: Record<string, string> = {}) {
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(folder, name), `import { beforeAll, describe, test } from 'vitest'\n${text}`)
  }
  const { HOME, PATH } = process.env
  const args = ['scripts/test.ts', `--root=${folder}`, '--reporter=dot']
  const { stdout, exitCode } = await execa('node', args, {
    cwd: root,
    env: { HOME, PATH, ...env },
    extendEnv: false,
    reject: false,
  })
  return { lines: stdout.split('\n'), exitCode }
}

test('when all tests pass, the output ends with the totals only', async () => {
  const { lines, exitCode } = await runTests({ 'a.test.ts': `test('one', () => {})\ntest('two', () => {})\n` })
  expect(lines.at(-1)).toBe('2 passed, 0 failed')
  expect(exitCode).toBe(0)
})

test('a failed test, a file that fails to load, a throwing hook and an unhandled rejection are counted', async () => {
  const { lines, exitCode } = await runTests({
    'a.test.ts': `test('one', () => { throw new Error('no') })\ntest('two', () => {})\n`,
    'b.test.ts': `throw new Error('does not load')\n`,
    'c.test.ts': `describe('suite', () => { beforeAll(() => { throw new Error('hook') })\ntest('three', () => {}) })\n`,
    'd.test.ts': `test('four', () => { Promise.reject(new Error('stray')) })\n`,
  })
  expect(lines.at(-1)).toBe('2 passed, 4 failed, 1 skipped')
  expect(exitCode).toBe(1)
})

test('each skipped test is listed with its reason', async () => {
  const text = `test('one', () => {})\ntest('two', ({ skip }) => skip('no docker here'))\ntest.skip('three', () => {})\n`
  const { lines, exitCode } = await runTests({ 'a.test.ts': text })
  expect(lines.slice(-3)).toEqual([
    'skipped: a.test.ts > two: no docker here',
    'skipped: a.test.ts > three: no reason given',
    '1 passed, 0 failed, 2 skipped',
  ])
  expect(exitCode).toBe(0)
})

test('with more than ten files the ten longest are listed, longest first', async () => {
  const file = (pauseMs: number) => `test('one', () => new Promise((done) => setTimeout(done, ${pauseMs})))\n`
  const names = Array.from({ length: 11 }, (_, index) => `${index}.test.ts`)
  const { lines } = await runTests(Object.fromEntries(names.map((name, index) => [name, file(index * 50)])))
  const told = lines.slice(lines.indexOf('The longest of 11 test files:') + 1, -1)
  const seconds = told.map((line) => Number(/^ +(\d+\.\d) s {2}\d+\.test\.ts$/.exec(line)?.[1]))
  expect(seconds).toHaveLength(10)
  expect(seconds).toEqual(seconds.toSorted((a, b) => b - a))
})

describe('retries of failed files in CI', () => {
  const fails = `test('bad', () => { throw new Error('no') })\n`
  const failsOnce = `import { existsSync, writeFileSync } from 'node:fs'
    test('shaky', () => {
      const seen = import.meta.dirname + '/seen'
      if (existsSync(seen)) return
      writeFileSync(seen, '')
      throw new Error('busy')
    })\n`

  test('a test that passes when retried is reported as flaky, and the exit code is 0', async () => {
    const { lines, exitCode } = await runTests(
      { 'a.test.ts': `test('one', () => {})\n`, 'b.test.ts': `${failsOnce}test('two', () => {})\n` },
      { CI: 'true' },
    )
    expect(lines.slice(-2)).toEqual([
      'flaky: b.test.ts > shaky: failed beside all others, passed by itself',
      '3 passed, 0 failed, 1 flaky',
    ])
    expect(exitCode).toBe(0)
  })

  test('a test that fails again when retried is a failure', async () => {
    const { lines, exitCode } = await runTests({ 'a.test.ts': fails, 'b.test.ts': failsOnce }, { CI: 'true' })
    expect(lines.at(-1)).toBe('1 passed, 1 failed, 1 flaky')
    expect(exitCode).toBe(1)
  })

  test('unhandled errors and failures in many files are not retried', async () => {
    const stray = `test('four', () => { Promise.reject(new Error('stray')) })\n`
    const caught = await runTests({ 'a.test.ts': failsOnce, 'b.test.ts': stray }, { CI: 'true' })
    expect(caught.lines.at(-1)).toBe('1 passed, 2 failed')
    const many = Array.from({ length: 6 }, (_, at) => [`${at}.test.ts`, fails])
    const { lines } = await runTests({ ...Object.fromEntries(many), 'b.test.ts': '' }, { CI: 'true' })
    expect(lines.join('\n')).not.toContain('run again')
  })

  test('outside CI a failed file is not retried', async () => {
    const { lines } = await runTests({ 'a.test.ts': failsOnce })
    expect(lines.at(-1)).toBe('0 passed, 1 failed')
  })
})
