/** The output of a run in Jest's reporters. */
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { driverOptionMessage, expectedDriverOptionMessage, startApi, wrongDriverOption } from '@dustpan/conformance'
import { beforeAll, describe, expect, test } from 'vitest'
import { create, createProject, install, type Project, versions, withDustpan } from './project.ts'

const suite = `${create}
test('passes', async () => { await create('users') })
test('fails', async () => { await create('orders'); expect(1).toBe(2) })
test('creates nothing, and fails', () => { expect(1).toBe(2) })
`
const conditional = `module.exports = { cleanup: { strategy: 'conditional' } }`
const strict = `module.exports = { cleanup: { onCleanupFailure: 'fail' } }`

beforeAll(install)

describe.each(versions)('Jest %s', (version) => {
  test('a failed test shows what it left behind in the terminal and in JUnit, and the report shows everything', async () => {
    await using api = await startApi()
    await using project = await createProject(
      {
        'a.test.js': suite,
        'dustpan.config.js': conditional,
        'jest.config.js': withDustpan(`{ reporters: ['default', 'jest-junit'] }`),
      },
      version,
    )
    const { output, exitCode, report } = await project.run([], { API: api.url })

    expect(exitCode).toBe(1)
    expect(output).toMatch(/ {2}● fails\n\n {4}Dustpan: left behind: order 2 \(kept, a\.test\.js:1\)\n/)
    expect(output.match(/left behind/g)).toHaveLength(1)
    expect(output).toMatch(/^Dustpan {2}2 tracked · 1 removed · 1 kept in [\d.]+ m?s$/m)
    expect(output).toMatch(/✓ user 1 +DELETE \/users\/1 +204 No Content/)
    expect(output).toContain(`npx dustpan clean ${report?.run.id}`)
    expect(await project.read('junit.xml')).toContain(
      '<failure>Dustpan: left behind: order 2 (kept, a.test.js:1)</failure>',
    )
  })

  test('when nothing was tracked, nothing is printed and no report is written', async () => {
    await using project = await createProject({ 'a.test.js': `test('empty', () => {})` }, version)
    const { output, report, exitCode } = await project.run()

    expect(exitCode).toBe(0)
    expect(output).not.toMatch(/dustpan/i)
    expect(report).toBeUndefined()
  })

  test("with onCleanupFailure: 'fail' a failed cleanup fails the test, or the file whose data it was", async () => {
    await using api = await startApi()
    api.refuse(/^(users|parents)/, 403)
    await using project = await createProject(
      {
        'a.test.js': `${create}test('passes', async () => { await create('users') })\ntest('too', () => {})`,
        'b.test.js': `${create}beforeAll(() => create('parents'))\ntest('passes', () => {})`,
        'dustpan.config.js': strict,
      },
      version,
    )
    const { output, exitCode } = await project.run(['--runInBand'], { API: api.url })

    expect(exitCode).toBe(1)
    expect(output).toMatch(/● passes\n\n {4}DUSTPAN_CLEANUP_FAILED: 1 of what .* user 1 failed/)
    expect(output).toMatch(/● Test suite failed to run\n\n {4}DUSTPAN_CLEANUP_FAILED: 1 of what .* parent 2 failed/)
    expect(output).toMatch(/^Tests: +1 failed, 2 passed, 3 total$/m)
  })

  test('results, messages and stacks are the same as without Dustpan', async () => {
    await using api = await startApi()
    const files = {
      'a.test.js': `${create}
        test('synchronous', () => { expect(1).toBe(2) })
        test('asynchronous', async () => { await create('users'); expect({ a: 1 }).toEqual({ a: 2 }) })
        test('with a cause', () => { throw new Error('outer', { cause: new Error('inner') }) })
        test('done', (done) => { done(new Error('given')) })
        test.failing('failing', () => {})
        describe('hooks', () => { afterEach(() => { throw new Error('after') }); test('with one', () => {}) })
        test('snapshot', () => { expect({ a: 1 }).toMatchInlineSnapshot('{ "a": 2 }'); })
        test('loads what does not load', () => { require('./broken.js') })
      `,
      'b.test.js': `require('./middle.js')`,
      'c.test.js': `require('./nowhere.js')`,
      'middle.js': `require('./broken.js')`,
      'broken.js': `throw new Error('broken')`,
    }
    await using without = await createProject({ ...files, 'jest.config.js': 'module.exports = {}' }, version)
    await using withIt = await createProject(files, version)
    const args = ['--runInBand', '--no-cache', '--ci', '--json', '--outputFile=results.json', '--coverage=false']
    const [bare, tracked] = [await runNormalised(without, args, api.url), await runNormalised(withIt, args, api.url)]

    expect(tracked.results).toEqual(bare.results)
    expect(tracked.output).toBe(bare.output)
    expect(tracked.exitCode).toBe(bare.exitCode)
  })

  test('when the application denies test access, the refusal is reported and no test begins', async () => {
    await using api = await startApi()
    api.deny(/verify-access$/)
    const config = `module.exports = { access: { url: process.env.API + '/api/test/verify-access' } }`
    await using project = await createProject({ 'a.test.js': suite, 'dustpan.config.js': config }, version)
    const { output, exitCode } = await project.run([], { API: api.url })

    expect(exitCode, output).toBe(1)
    expect(output).toContain('/api/test/verify-access was answered with 403 Forbidden: Test mode is not enabled.')
    expect(api.requests.map(({ path }) => path)).toEqual(['api/test/verify-access'])
  })

  test('an invalid configuration is reported without a stack, and no test runs', async () => {
    await using project = await createProject(
      { 'a.test.js': suite, 'dustpan.config.js': `module.exports = { cleanup: { strategy: 'sometimes' } }` },
      version,
    )
    const { output, exitCode } = await project.run()

    expect(exitCode).toBe(1)
    expect(output).toContain('DUSTPAN_CONFIG_INVALID')
    expect(output).toContain('found "sometimes"')
    expect(output).not.toMatch(/ {4}at |✓|✕/)
  })

  test('an invalid driver option is reported as under every runner, and no test runs', async () => {
    await using project = await createProject({ 'a.test.js': suite, ...wrongDriverOption }, version)
    const run = await project.run()

    expect(run.exitCode, run.output).toBe(1)
    expect(driverOptionMessage(project, run)).toEqual(expectedDriverOptionMessage)
  })

  test('without the reporter tests run untracked, and one DUSTPAN_NO_REPORTER warning shows the missing line', async () => {
    await using api = await startApi()
    const passing = `${create}test('passes', async () => { await create('users') })`
    await using project = await createProject({ 'a.test.js': passing, 'b.test.js': passing }, version)
    const { output, exitCode } = await project.run(['--reporters=default', '--runInBand'], { API: api.url })

    expect(exitCode, output).toBe(0)
    expect(output.match(/DUSTPAN_NO_REPORTER/g)).toHaveLength(1)
    expect(output).toContain("reporters: ['default', '@dustpan/jest-environment/reporter']")
    expect(api.left()).toHaveLength(2)
  })

  test('with only the reporter tests run untracked, and one DUSTPAN_NO_FIXTURES warning is printed', async () => {
    await using api = await startApi()
    await using project = await createProject(
      {
        'a.test.js': `${create}test('passes', async () => { await create('users') })`,
        'jest.config.js': `module.exports = { reporters: ['default', '@dustpan/jest-environment/reporter'] }`,
      },
      version,
    )
    const { output, exitCode } = await project.run([], { API: api.url })
    expect(exitCode, output).toBe(0)
    expect(output.match(/DUSTPAN_NO_FIXTURES/g)).toHaveLength(1)
    expect(output).toContain("testRunner: '@dustpan/jest-environment/runner'")
    expect(api.left()).toHaveLength(1)
  })

  test('in watch mode each re-run removes its data, and files of Dustpan trigger no re-run', async () => {
    await using api = await startApi()
    const passing = (type: string) => `${create}test('passes', async () => { await create('${type}') })`
    await using project = await createProject({ 'a.test.js': passing('firsts') }, version)
    const running = project.start(['--watchAll'], { API: api.url })
    let output = ''
    running.all.on('data', (chunk) => {
      output += chunk
    })
    for (const [runs, type] of ['seconds', 'thirds', 'lasts'].entries()) {
      while (output.split('Ran all test suites').length < runs + 2) await once(running.all, 'data')
      await writeFile(join(project.folder, 'a.test.js'), passing(type))
    }
    while (output.split('Ran all test suites').length < 5) await once(running.all, 'data')
    running.kill()
    await running

    expect(
      api.requests.map(({ method, path }) => `${method} ${path.split('/')[0]}`),
      output,
    ).toEqual(['firsts', 'seconds', 'thirds', 'lasts'].flatMap((type) => [`POST ${type}`, `DELETE ${type}`]))
  })

  test('a test runner other than jest-circus is refused', async () => {
    await using project = await createProject(
      { 'a.test.js': suite, 'jest.config.js': withDustpan(`{ testRunner: './my-runner.js' }`) },
      version,
    )
    const { output, exitCode } = await project.run()

    expect(exitCode).toBe(1)
    expect(output).toContain('testRunner: expected jest-circus, found "./my-runner.js"')
  })
})

/** Results and output of a run without times, folders and the additions of Dustpan. */
async function runNormalised(project: Project, args: readonly string[], url: string) {
  const { output, exitCode } = await project.run(args, { API: url })
  const plain = (text: string) =>
    text
      .replaceAll(project.folder, '<folder>')
      .replace(/^Dustpan {2}(.*\n)*?(?=Snapshot Summary|Test Suites:)/m, '')
      .replace(/ {2}● asynchronous\n\n {4}Dustpan: nothing left behind\n+/, '')
      .replace(/ ?\(?\d+(\.\d+)? m?s\)?/g, '')
  const { testResults } = JSON.parse(await project.read('results.json'))
  const results = testResults.map(({ name, status, message, assertionResults }: Record<string, unknown>) => ({
    name: plain(String(name)),
    status,
    message: plain(String(message)),
    tests: (assertionResults as Record<string, unknown>[]).map((result) => ({
      title: result.title,
      status: result.status,
      messages: (result.failureMessages as string[]).filter((text) => !text.startsWith('Dustpan: ')).map(plain),
    })),
  }))
  return { results, exitCode, output: plain(output) }
}
