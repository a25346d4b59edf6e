/** The output of a run in Vitest's reporters. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startApi } from '@dustpan/conformance'
import { chromium, readHtmlReport } from '@dustpan/conformance/html-report'
import { expect, test } from 'vitest'
import { configFile, createProject } from './project.ts'

const suite = `
import { expect, test } from 'vitest'
const create = async (type: string) => (await fetch(process.env.API + '/' + type, { method: 'POST' })).json()
test('passes', async () => { await create('users') })
test('fails', async () => { await create('orders'); expect(1).toBe(2) })
test('creates nothing', () => {})
`
const conditional = `export default { cleanup: { strategy: 'conditional' } }`
const metaReporter = `
import { writeFileSync } from 'node:fs'
export default class {
  onTestCaseResult(test) { (this.seen ??= {})[test.name] = { meta: test.meta().dustpan, artifacts: test.artifacts().map(({ type }) => type), annotations: test.annotations().map(({ message }) => message) } }
  onTestRunEnd() { writeFileSync('seen.json', JSON.stringify(this.seen)) }
}
`

test('the terminal shows what was removed, what is kept with its source line, and the command to clean it', async () => {
  await using api = await startApi()
  await using project = await createProject({ 'a.test.ts': suite, 'dustpan.config.js': conditional })
  const { output, exitCode, report } = await project.run([], { API: api.url })

  expect(exitCode).toBe(1)
  expect(output).toMatch(/^Dustpan {2}2 tracked · 1 removed · 1 kept in [\d.]+ m?s$/m)
  expect(output).toMatch(/✓ user 1 +DELETE \/users\/1 +204 No Content/)
  expect(output).toMatch(/● order 2 +DELETE \/orders\/2 +kept +a\.test\.ts:3/)
  expect(output).toContain('left behind: order 2 (kept')
  expect(output).toContain(`npx dustpan clean ${report?.run.id}`)
})

test('JUnit has a property with what was left behind, and task.meta has the report of the test', async () => {
  await using api = await startApi()
  await using project = await createProject({
    'a.test.ts': suite,
    'dustpan.config.js': conditional,
    'meta-reporter.js': metaReporter,
  })
  await project.run(['--reporter=junit', '--reporter=./meta-reporter.js', '--outputFile.junit=junit.xml'], {
    API: api.url,
  })

  expect(readFileSync(join(project.folder, 'junit.xml'), 'utf8')).toMatch(
    /<property name="dustpan" value="left behind: order 2 \(kept/,
  )
  const seen = JSON.parse(readFileSync(join(project.folder, 'seen.json'), 'utf8'))
  expect(seen.passes.meta).toMatchObject({
    schema: 'dustpan.report/1',
    of: 'scope',
    totals: { tracked: 1, removed: 1 },
  })
  expect(seen.passes.artifacts).toContain('dustpan:cleanup')
  expect(seen.fails.meta.totals).toMatchObject({ tracked: 1, kept: 1 })
  expect(seen.fails.annotations.join()).toContain('left behind: order 2')
  expect(seen['creates nothing']).toEqual({ artifacts: [], annotations: [] })
})

test.runIf(chromium)('the HTML report shows what a failed test left behind, with its source line', async () => {
  await using api = await startApi()
  await using project = await createProject({ 'a.test.ts': suite, 'dustpan.config.js': conditional }, '4.1')
  await project.run(['--reporter=html', '--outputFile.html=html/index.html'], { API: api.url })
  const text = await readHtmlReport(join(project.folder, 'html'), async (page) => {
    await page.getByText('fails', { exact: true }).first().click()
    await page.getByText('Test Annotations').waitFor()
  })
  expect(text).toContain('left behind: order 2 (kept, a.test.ts:3)')
})

test('GitHub annotations and the verbose reporter show what a failed test left behind', async () => {
  await using api = await startApi()
  await using project = await createProject({ 'a.test.ts': suite, 'dustpan.config.js': conditional })
  const { output } = await project.run(['--reporter=verbose', '--reporter=github-actions'], {
    API: api.url,
    GITHUB_ACTIONS: 'true',
  })
  expect(output).toMatch(/× a\.test\.ts.*fails[^✓]*↳ left behind: order 2/)
  expect(output).toMatch(/^::notice file=.*a\.test\.ts,line=3,title=Dustpan.*fails::left behind: order 2/m)
})

test.each([
  ['5', 'tap'],
  ['5', 'junit'],
  ['4.1', 'json'],
  ['4.1', 'junit'],
] as const)('Vitest %s: Dustpan reports on stderr when the %s reporter writes to stdout', async (version, name) => {
  await using api = await startApi()
  await using project = await createProject({ 'a.test.ts': suite }, version)
  const { stdout, stderr } = await project.start([`--reporter=${name}`], { API: api.url })
  expect(String(stdout)).not.toMatch(/^Dustpan {2}/m)
  if (name === 'json') expect(JSON.parse(String(stdout))).toMatchObject({ numPassedTests: 2 })
  expect(String(stderr)).toMatch(/^Dustpan {2}2 tracked/m)
})

test('options passed to dustpan() are refused', async () => {
  const wrong = configFile.replace('dustpan()', `dustpan({ strategy: 'conditional' } as never)`)
  await using project = await createProject({ 'a.test.ts': suite, 'vitest.config.ts': wrong })
  const { output, exitCode } = await project.run([])
  expect(exitCode).toBe(1)
  expect(output).toContain('dustpan() takes no options')
  expect(output).toContain('dustpan.config.ts')
})

test('when nothing was tracked, nothing is printed and no report is written', async () => {
  await using project = await createProject({ 'a.test.ts': `import { test } from 'vitest'\ntest('empty', () => {})` })
  const { output, report, exitCode } = await project.run()

  expect(exitCode).toBe(0)
  expect(output).not.toMatch(/dustpan/i)
  expect(report).toBeUndefined()
})

test('results, exit code and messages are the same with and without the plugin', async () => {
  await using api = await startApi()
  const bare = `import { defineConfig } from 'vitest/config'\nexport default defineConfig({})`
  await using without = await createProject({ 'a.test.ts': suite, 'vitest.config.ts': bare })
  await using withPlugin = await createProject({ 'a.test.ts': suite })
  const results = []
  for (const project of [without, withPlugin]) {
    const { exitCode } = await project.run(['--reporter=json', '--outputFile=results.json'], { API: api.url })
    const { testResults, ...totals } = JSON.parse(readFileSync(join(project.folder, 'results.json'), 'utf8'))
    const tests = testResults.flatMap(
      ({ assertionResults }: { assertionResults: Record<string, unknown>[] }) => assertionResults,
    )
    const messages = tests.map(({ title, status, failureMessages }: Record<string, unknown>) => ({
      title,
      status,
      message: String(failureMessages).split('\n')[0],
    }))
    results.push({ exitCode, messages, failed: totals.numFailedTests, passed: totals.numPassedTests })
  }
  expect(results[1]).toEqual(results[0])
})
