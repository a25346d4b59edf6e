/** The output of a run in Playwright's reporters. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startApi } from '@dustpan/conformance'
import { chromium, readHtmlReport } from '@dustpan/conformance/html-report'
import type { Page } from '@playwright/test'
import { expect, test } from 'vitest'
import { conditional, configFile, createProject, head } from './project.ts'

const suite = `${head}
test('passes', async () => { await create('users') })
test('fails', async () => {
  await (await fetch(process.env.API + '/orders', { method: 'POST' })).json()
  expect(1).toBe(2)
})
test('creates nothing and fails', () => { expect(1).toBe(2) })
`
const line = suite.split('\n').findIndex((text) => text.includes("'/orders'")) + 1

const stepReporter = `
import { writeFileSync } from 'node:fs'
export default class {
  seen = {}
  onStepBegin(test, result, step) { (this.seen[test.title] ??= []).push(step.title) }
  onTestEnd(test, { attachments, annotations, status, errors }) {
    const names = attachments.map(({ name }) => name)
    this.seen[test.title] = { status, steps: this.seen[test.title], names, annotations, errors: errors.map(({ stack }) => stack.replaceAll(import.meta.dirname, '')), attachments: attachments.map(({ body }) => String(body)) }
  }
  onEnd() { writeFileSync('seen.json', JSON.stringify(this.seen)) }
}
`
const reporters = (dustpan: string) => `import { defineConfig } from '@playwright/test'
export default defineConfig({
  testMatch: '*.spec.ts', workers: 1,
  reporter: [['list'], ['./steps.ts'], ['html', { open: 'never' }], ['junit', { outputFile: 'junit.xml' }], ['json', { outputFile: 'out.json' }] ${dustpan}],
})
`
const files = { 'a.spec.ts': suite, 'dustpan.config.ts': conditional, 'steps.ts': stepReporter }

test('terminal, JUnit, JSON and HTML reports show what a failed test left behind', async () => {
  await using api = await startApi()
  await using project = await createProject({
    ...files,
    'playwright.config.ts': reporters(`, ['@dustpan/playwright-reporter']`),
  })
  const { output, exitCode, report } = await project.run([], { API: api.url })
  const left = `order 2 (kept, a.spec.ts:${line})`
  const read = (name: string) => readFileSync(join(project.folder, name), 'utf8')

  expect(exitCode).toBe(1)
  expect(output).toMatch(/^Dustpan {2}2 tracked · 1 removed · 1 kept in [\d.]+ m?s$/m)
  expect(output).toMatch(/✓ user 1 +DELETE \/users\/1 +204 No Content/)
  expect(output).toContain(`npx dustpan clean ${report?.run.id}`)
  expect(output).toMatch(
    new RegExp(`attachment #1: dustpan.txt[^]*● order 2 +DELETE /orders/2 +kept +a.spec.ts:${line}`),
  )
  expect(read('junit.xml')).toContain(`<property name="dustpan" value="left behind: ${left}">`)

  const seen = JSON.parse(read('seen.json'))
  expect(seen.passes).toMatchObject({ names: [], annotations: [] })
  expect(seen['creates nothing and fails'].names).toEqual(['error-context'])
  expect(seen.fails.annotations).toEqual([{ type: 'dustpan', description: `left behind: ${left}` }])
  const attached = seen.fails.names.indexOf('dustpan.json')
  expect(JSON.parse(seen.fails.attachments[attached])).toMatchObject({
    schema: 'dustpan.report/1',
    totals: { kept: 1 },
  })
  expect(JSON.stringify(JSON.parse(read('out.json')))).toContain('dustpan.json')

  if (chromium) expect(await readHtmlReport(join(project.folder, 'playwright-report'), openFailedTest)).toContain(left)
})

/** Opens the failed test and its attachment in the HTML report. */
async function openFailedTest(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'fails', exact: true }).first().click()
  await page.getByText('dustpan.txt').first().click()
  await page.getByText(/● order 2/).waitFor()
}

interface Seen {
  readonly status: string
  readonly steps: readonly string[]
  /** Messages with stack traces. */
  readonly errors: readonly string[]
}

test('results, exit code, stack traces and steps are the same with and without Dustpan', async () => {
  await using api = await startApi()
  const bare = suite.replace('@dustpan/playwright-reporter/test', '@playwright/test')
  await using without = await createProject({ ...files, 'a.spec.ts': bare, 'playwright.config.ts': reporters('') })
  await using withDustpan = await createProject({
    ...files,
    'playwright.config.ts': reporters(`, ['@dustpan/playwright-reporter']`),
  })
  const results = []
  for (const project of [without, withDustpan]) {
    const { exitCode } = await project.run([], { API: api.url })
    const seen: Record<string, Seen> = JSON.parse(readFileSync(join(project.folder, 'seen.json'), 'utf8'))
    const own = Object.entries(seen).map(([title, { status, steps, errors }]) => ({ title, status, steps, errors }))
    results.push({ exitCode, own })
  }
  expect(results[1]).toEqual(results[0])
})

test('what a serial group without afterAll leaves behind is shown at its last test', async () => {
  await using api = await startApi()
  api.refuse(/^clubs/, 403)
  const group = `${head}
test.describe.serial('group', () => {
  test('creates', async () => { await create('clubs') })
  test('ends', async () => { expect(await status('clubs/1')).toBe(200) })
})
test('comes later', () => {})
`
  await using project = await createProject({
    ...{ 'a.spec.ts': group, 'steps.ts': stepReporter },
    'playwright.config.ts': reporters(`, ['@dustpan/playwright-reporter']`),
    'dustpan.config.ts': 'export default { cleanup: { retry: { attempts: 1 } } }\n',
  })
  const { output, exitCode } = await project.run([], { API: api.url })
  const seen = JSON.parse(readFileSync(join(project.folder, 'seen.json'), 'utf8'))

  expect(exitCode, output).toBe(0)
  const description = expect.stringMatching(/^left behind: club 1 /)
  const serial = expect.objectContaining({ type: 'serial' })
  expect(seen.ends.annotations).toEqual([serial, { type: 'dustpan', description }])
  expect(seen.ends.names).toContain('dustpan.json')
  expect(seen.creates.annotations).toEqual([serial])
})

test.each([
  ['named on the command line', configFile(), ['--reporter=json,@dustpan/playwright-reporter']],
  [
    'in the configuration',
    reporters(`, ['@dustpan/playwright-reporter']`).replace(/, { outputFile: 'out.json' }|\['list'\], /g, ''),
    [],
  ],
])('Dustpan reports on stderr when the JSON report is written to stdout: %s', async (_, config, args) => {
  await using api = await startApi()
  await using project = await createProject({ ...files, 'playwright.config.ts': config })
  const { stdout, stderr } = await project.start(args, { API: api.url })
  expect(JSON.parse(String(stdout))).toHaveProperty('stats')
  expect(String(stderr)).toMatch(/^Dustpan {2}2 tracked/m)
})

test('when nothing was tracked, nothing is printed and no report is written', async () => {
  await using project = await createProject({ 'a.spec.ts': `${head}\ntest('empty', () => {})` })
  const { output, report, exitCode } = await project.run()

  expect(exitCode).toBe(0)
  expect(output).not.toMatch(/dustpan/i)
  expect(report).toBeUndefined()
})
