/** Set-up in a project, and warnings when a part of it is missing. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { driverOptionMessage, expectedDriverOptionMessage, startApi, wrongDriverOption } from '@dustpan/conformance'
import { expect, test } from 'vitest'
import { configFile, createProject, head, outcomes } from './project.ts'

const creates = `${head}\ntest('creates', async () => { await create('users') })\n`

test('base.extend(fixtures) tracks node:sqlite and requests in a CommonJS project with a typed configuration', async () => {
  await using api = await startApi()
  const suite = `
import { test as base } from '@playwright/test'
import { fixtures } from '@dustpan/playwright-reporter/test'
import { DatabaseSync } from 'node:sqlite'
const test = base.extend(fixtures)
test('inserts and creates', async ({ request }) => {
  console.log('Bearer of ' + process.pid) // the worker removes it, not the main process
  const database = new DatabaseSync('notes.db')
  database.exec('CREATE TABLE IF NOT EXISTS notes (id INTEGER PRIMARY KEY, text TEXT)')
  database.prepare('INSERT INTO notes (text) VALUES (?)').run('one')
  database.close()
  await (await request.post(process.env.API + '/users')).json()
})
`
  const config = `
import { defineConfig, http } from '@dustpan/core'
import { sqlite } from '@dustpan/sqlite'
export default defineConfig({
  drivers: [sqlite({ name: 'notes', file: 'notes.db' }), http({ auth: async () => ({ authorization: 'Bearer of ' + process.pid }) })],
})
`
  await using project = await createProject({ 'package.json': '{}', 'a.spec.ts': suite, 'dustpan.config.ts': config })
  const { report, output } = await project.run([], { API: api.url })

  expect(outcomes(report), output).toEqual({ 'inserts and creates': ['notes removed', 'user removed'] })
  const removal = api.requests.find(({ method }) => method === 'DELETE')
  expect(removal?.headers.authorization, output).toMatch(/^Bearer of \d+$/)
  expect(output).toContain(String(removal?.headers.authorization))
})

test('when the application denies test access, the refusal is reported and no test begins', async () => {
  await using api = await startApi()
  api.deny(/verify-access$/)
  const config = `export default { access: { url: process.env.API + '/api/test/verify-access' } }`
  await using project = await createProject({ 'a.spec.ts': creates, 'dustpan.config.ts': config })
  const { output, exitCode } = await project.run([], { API: api.url })

  expect(exitCode, output).toBe(1)
  expect(output).toContain('/api/test/verify-access was answered with 403 Forbidden: Test mode is not enabled.')
  expect(api.requests.map(({ path }) => path)).toEqual(['api/test/verify-access'])
})

test('an invalid configuration is reported, and no test runs', async () => {
  await using api = await startApi()
  await using project = await createProject({
    'a.spec.ts': creates,
    'dustpan.config.ts': `export default { cleanup: { strategy: 'sometimes' } }`,
  })
  const { output, exitCode } = await project.run([], { API: api.url })

  expect(exitCode).toBe(1)
  expect(output).toMatch(/cleanup\.strategy: expected one of .*found "sometimes"/)
  expect(api.requests).toEqual([])
})

test('an invalid driver option is reported as under every runner, and no test runs', async () => {
  await using project = await createProject({ 'a.spec.ts': creates, ...wrongDriverOption })
  const run = await project.run()

  expect(run.exitCode, run.output).toBe(1)
  expect(driverOptionMessage(project, run)).toEqual(expectedDriverOptionMessage)
})

test('fixtures without the reporter, and the reporter without fixtures, are warned about once', async () => {
  await using api = await startApi()
  await using project = await createProject({
    'a.spec.ts': creates,
    'b.spec.ts': creates,
    'plain.test.ts': `import { test } from '@playwright/test'\ntest('is plain', () => {})`,
  })
  const withoutReporter = await project.run(['--reporter=list'], { API: api.url })
  expect(withoutReporter.exitCode, withoutReporter.output).toBe(0)
  expect(withoutReporter.output.match(/dustpan: DUSTPAN_NO_REPORTER: /g)).toHaveLength(1)
  expect(withoutReporter.output).toContain(`reporter: [['list'], ['@dustpan/playwright-reporter']]`)

  await using plain = await createProject({
    'plain.spec.ts': `import { test } from '@playwright/test'\ntest('is plain', () => {})`,
  })
  const { output, exitCode } = await plain.run()
  expect(exitCode, output).toBe(0)
  expect(output.match(/dustpan: DUSTPAN_NO_FIXTURES: /g)).toHaveLength(1)
})

test('changed Playwright internals warn with DUSTPAN_RUNNER_CHANGED, and other requests are tracked', async () => {
  await using api = await startApi()
  const changed = `import { chromium } from '@playwright/test'\nchromium._instrumentation = undefined\n`
  await using project = await createProject({
    'changed.ts': changed.replace('chromium._', '(chromium as any)._'),
    'a.spec.ts': `import './changed.ts'\n${creates}`,
  })
  const { report, output } = await project.run([], { API: api.url })

  expect(output.match(/dustpan: DUSTPAN_RUNNER_CHANGED: .*what pages create is not tracked/g)).toHaveLength(1)
  expect(outcomes(report), output).toEqual({ creates: ['user removed'] })
})

test('listing tests and merging reports begin no run, and each shard is a run of the build', async () => {
  await using api = await startApi()
  await using project = await createProject({
    'a.spec.ts': creates,
    'b.spec.ts': creates,
    'playwright.config.ts': configFile().replace("['list']", "['blob']"),
  })
  const runs = () => readdirSync(join(project.folder, '.dustpan', 'runs'))
  expect((await project.run(['--list'])).exitCode).toBe(0)
  expect(() => runs()).toThrow('ENOENT')
  const build = { API: api.url, DUSTPAN_BUILD_ID: 'build 12' }
  const { report, output } = await project.run(['--shard=1/2'], { ...build, PLAYWRIGHT_BLOB_OUTPUT_FILE: 'all/1.zip' })
  expect(report?.run.build, output).toBe('build 12')
  await project.run(['--shard=2/2'], { ...build, PLAYWRIGHT_BLOB_OUTPUT_FILE: 'all/2.zip' })
  expect(runs()).toHaveLength(2)
  expect(api.left()).toEqual([])

  await using merging = await createProject({}, '1.65.1', [
    'merge-reports',
    '-c',
    'playwright.config.ts',
    join(project.folder, 'all'),
  ])
  const merged = await merging.run()
  expect(merged.exitCode, merged.output).toBe(0)
  expect(merged.output).toContain('2 passed')
  expect(merged.output).not.toMatch(/dustpan/i)
})
