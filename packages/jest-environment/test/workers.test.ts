/** Test files in worker processes and threads, and interrupted and crashed runs. */
import { processExit, startApi } from '@dustpan/conformance'
import { beforeAll, describe, expect, test } from 'vitest'
import { create, createProject, install, inWorkers, outcomes, versions } from './project.ts'

const passing = (title: string) => `${create}test('${title}', async () => { await create('users') })`
const slow = (title: string) => `const { track } = require('@dustpan/core')
${create}
test('${title}', async () => {
  const { id } = await create('logins')
  track({ type: 'login', id, remove: async () => { await fetch(process.env.API + '/logins/' + id, { method: 'DELETE' }) } })
  await create('users')
  await new Promise((resolve) => setTimeout(resolve, 60_000))
}, 90_000)
test('never begins', async () => { await create('nevers') })
`
const conditional = `module.exports = { cleanup: { strategy: 'conditional', interruptTimeout: '2m' } }`

beforeAll(install)

describe.each(versions)('Jest %s', (version) => {
  test.each(['processes', 'threads'])('tests in worker %s are tracked', async (kind) => {
    await using api = await startApi()
    await using project = await createProject({ 'a.test.js': passing('a'), 'b.test.js': passing('b') }, version)
    const { report, output, exitCode } = await project.run(
      [...inWorkers, ...(kind === 'threads' ? ['--workerThreads'] : [])],
      { API: api.url },
    )

    expect(exitCode, output).toBe(0)
    expect(outcomes(report), output).toEqual({ a: ['user removed'], b: ['user removed'] })
    expect(api.left()).toEqual([])
  })

  test('data of killed workers, and of tests that call process.exit, is removed at the end of the run', async () => {
    await using api = await startApi()
    const files = {
      'killed.test.js': `${create}test('killed', async () => { await create('users'); process.kill(process.pid, 'SIGKILL') })`,
      'exits.test.js': `${create}test('exits', async () => { await create('orders'); ${processExit} })`,
    }
    await using project = await createProject(files, version)
    const { report, output, exitCode } = await project.run(inWorkers, { API: api.url })

    expect(exitCode).toBe(1)
    const all = report?.scopes.flatMap(({ path, resources }) => resources.map(({ state }) => `${path} ${state}`)).sort()
    // Jest retries a file whose worker exits three times.
    expect(all, output).toEqual([...Array(4).fill('exits removed'), 'killed removed'])
    expect(api.left()).toEqual([])
  })

  test('a signal to one worker ends only that worker, and its data is removed', async () => {
    await using api = await startApi()
    const files = {
      'told.test.js': `${create}test('told', async () => {
  await create('users')
  process.kill(process.pid, 'SIGINT')
  await new Promise(() => {})
}, 60_000)`,
      'passes.test.js': `test('passes', () => {})`,
      'dustpan.config.js': conditional.replace('2m', '1s'),
    }
    await using project = await createProject(files, version)
    const { output, exitCode } = await project.run(inWorkers, { API: api.url })
    expect(exitCode, output).toBe(1)
    expect(output).toContain('signal=SIGINT')
    expect(output).toContain('PASS')
    expect(api.left()).toEqual([])
  })

  const modes: [string, string[], boolean, NodeJS.Signals, number][] = [
    ['Ctrl-C in band, sent to the process group', ['--runInBand'], true, 'SIGINT', 130],
    ['Ctrl-C in processes, sent to the process group', inWorkers, true, 'SIGINT', 130],
    ['Ctrl-C in processes, sent to the main process', inWorkers, false, 'SIGINT', 130],
    ['SIGTERM in processes, sent to the main process', inWorkers, false, 'SIGTERM', 143],
    ['Ctrl-C in threads, sent to the main process', [...inWorkers, '--workerThreads'], false, 'SIGINT', 130],
  ]
  test.each(modes)(
    '%s: running tests are cleaned up, no other begins, and the exit code is that of the signal',
    async (_, args, group, signal, code) => {
      await using api = await startApi()
      const files = ['a', 'b', 'c'].map((name) => [`${name}.test.js`, slow(name)] as const)
      await using project = await createProject(
        { ...Object.fromEntries(files), 'dustpan.config.js': conditional },
        version,
      )
      const running = project.start(args, { API: api.url }, { detached: true })
      const workers = args === modes[0]?.[1] ? 1 : 2
      while (api.left().filter((path) => path.startsWith('users')).length < workers) await pause(20)
      await pause(50)
      process.kill(group ? -(running.pid as number) : (running.pid as number), signal)
      const { exitCode, all: output } = await running

      expect(exitCode, output).toBe(code)
      expect(output).not.toContain('FAIL')
      expect(api.left(), output).toEqual([])
      expect(output).toMatch(/^Dustpan {2}\d tracked · \d removed in/m)
      expect(Object.keys(outcomes(project.report()))).toHaveLength(workers)
    },
  )
})

test.each([
  ['in band', ['--runInBand']],
  ['in processes', inWorkers],
  ['in threads', [...inWorkers, '--workerThreads']],
])('after Ctrl-C, users that a test still creates are removed too: %s', async (_, args) => {
  await using api = await startApi()
  const goesOn = `${create}
test('goes on', async () => {
  for (;;) {
    await create('users')
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}, 90_000)`
  await using project = await createProject({
    'a.test.js': goesOn,
    'b.test.js': goesOn,
    'dustpan.config.js': conditional,
  })
  const running = project.start(args, { API: api.url, DUSTPAN_REAPER: '1' }, { detached: true })
  while (api.requests.length < 50) await pause(20)
  process.kill(-(running.pid as number), 'SIGINT')
  const { exitCode, all } = await running

  expect(exitCode, all).toBe(130)
  expect(all).not.toContain('FAIL')
  // The reaper may still be removing users.
  while (api.left().length > 0) await pause(20)
  expect(project.report()?.run.ended).toBe('interrupted')
})

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
