import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { startReceiver } from '@dustpan/conformance'
import { type Alert, track } from '@dustpan/core'
import { loadSettings } from '@dustpan/core/ledger'
import { execa } from 'execa'
import { afterEach, expect, test, vi } from 'vitest'
import type { Call } from '../../src/commands.ts'
import { alertingWorker } from '../../src/work/alerting.ts'
import { dustpan } from '../dustpan.ts'
import { openProject, type Project } from '../project.ts'

afterEach(() => vi.unstubAllEnvs())

const toHook = ({ url }: { readonly url: string }) => [{ name: 'hook', url }]

const immediate = { strategy: 'immediate', retry: { attempts: 1 } }

/** A run whose users nobody can remove any more. */
function leave(project: Project, count: number): Promise<string> {
  const ids = Array.from({ length: count }, (_, i) => i)
  const create = () => track({ type: 'user', ids, remove: 'DELETE http://127.0.0.1:9/users/{id}' })
  return project.run({ 'makes users': { verdict: 'passed', create } })
}

const program = fileURLToPath(new URL('../killed-run.ts', import.meta.url))

/** A run that has left a file. */
async function kill({ folder }: Project, file: string): Promise<void> {
  const child = execa(process.execPath, [program, folder, file], { reject: false })
  await Promise.race([once(child.stdout, 'data'), child])
  child.kill('SIGKILL')
  await child
}

test('of what two runs left and one cause keeps from going, one message is sent; who sits there sees it', async () => {
  await using hook = await startReceiver<Alert>()
  const [{ received }, to] = [hook, toHook(hook)]
  using project = openProject({ cleanup: immediate })
  const runs = [await leave(project, 50), await leave(project, 50)]
  project.configure({ cleanup: immediate, alerts: { to } })
  await dustpan(project.folder, ['orphans'], { answer: 'y' })
  expect(received).toEqual([])
  const { code } = await dustpan(project.folder, ['orphans', '--yes'])
  expect(code).toBe(1)
  expect(received).toMatchObject([{ about: 'cleanup-failed', count: 100, types: { user: 100 } }])
  expect([...(received[0]?.runs ?? [])].sort()).toEqual(runs.sort())
})

test('more orphans than the limit are told of once, before anything is removed', async () => {
  await using hook = await startReceiver<Alert>()
  const [{ received }, to] = [hook, toHook(hook)]
  const alerts = (limit: object) => ({ cleanup: immediate, alerts: { to, onFailure: false, orphans: limit } })
  using project = openProject({ cleanup: immediate })
  await kill(project, 'a.txt')
  await kill(project, 'b.txt')
  for (const quiet of [{ moreThan: 2 }, { olderThan: '1h' }]) {
    project.configure(alerts(quiet))
    expect((await dustpan(project.folder, ['orphans', '--dry-run'])).code).toBe(0)
  }
  expect(received).toEqual([])
  project.configure(alerts({ moreThan: 1 }))
  await dustpan(project.folder, ['orphans', '--dry-run'])
  await dustpan(project.folder, ['orphans', '--yes'])
  const told = { about: 'orphans', title: '2 orphans of 2 runs', count: 2, types: { file: 2 } }
  expect(received).toMatchObject([told, told])
  await dustpan(project.folder, ['orphans', '--yes'])
  expect(received).toHaveLength(2)
})

test.each([
  [['--fail-over', '2'], {}, 0],
  [['--fail-over', '1'], {}, 1],
  [[], { fail: true, orphans: { moreThan: 1 } }, 1],
  [[], { fail: true, orphans: { moreThan: 2 } }, 0],
  [[], { orphans: {} }, 0],
])('the exit code tells of too many: %j, %j', async (options, alerts, code) => {
  for (const act of ['--dry-run', '--yes']) {
    using project = openProject({ cleanup: immediate, alerts })
    await kill(project, 'a.txt')
    await kill(project, 'b.txt')
    expect((await dustpan(project.folder, ['orphans', act, ...options])).code).toBe(code)
  }
})

test('--fail-over wants a whole number', async () => {
  using project = openProject()
  const { code, err } = await dustpan(project.folder, ['orphans', '--fail-over', 'many'])
  expect([code, err]).toEqual([2, expect.stringContaining('Expected a whole number.')])
})

test('a run that cannot be cleaned up at all is told of, and GitHub shows it, beside a value that stays whole', async () => {
  vi.stubEnv('GITHUB_ACTIONS', 'true')
  await using hook = await startReceiver<Alert>()
  const [{ received }, to] = [hook, toHook(hook)]
  using project = openProject({ cleanup: immediate })
  await kill(project, 'a.txt')
  project.configure({ cleanup: immediate, alerts: { to }, drivers: [{ use: '@dustpan/none', name: 'main' }] })
  const { out, err } = await dustpan(project.folder, ['orphans', '--yes', '--json'])
  expect(received).toMatchObject([{ title: '1 run could not be cleaned up', code: 'DUSTPAN_DRIVER_UNAVAILABLE' }])
  expect(err).toMatch(/^::error title=Dustpan%3A 1 run could not be cleaned up::Dustpan: .*@dustpan\/none/m)
  expect(() => JSON.parse(out)).not.toThrow()
})

test('dustpan work tells of a cause once, though what failed is tried again', async () => {
  await using hook = await startReceiver<Alert>()
  const [{ received }, to] = [hook, toHook(hook)]
  using project = openProject({ cleanup: immediate })
  const run = await leave(project, 2)
  project.configure({ cleanup: immediate, alerts: { to } })
  const call = { terminal: { writeError() {} }, environment: {} } as unknown as Call
  const carryOut = alertingWorker(call, await loadSettings(project.folder), new AbortController().signal, () => {})
  for (let tries = 0; tries < 2; tries++) await expect(carryOut({ do: 'clean-run', run })).rejects.toThrow(run)
  expect(received).toMatchObject([{ about: 'cleanup-failed', count: 2, runs: [run] }])
})
