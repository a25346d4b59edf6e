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

/** Records a run whose users cannot be removed: nothing listens on their port. */
function leave(project: Project, count: number): Promise<string> {
  const ids = Array.from({ length: count }, (_, i) => i)
  const create = () => track({ type: 'user', ids, remove: 'DELETE http://127.0.0.1:9/users/{id}' })
  return project.run({ 'makes users': { verdict: 'passed', create } })
}

const program = fileURLToPath(new URL('../killed-run.ts', import.meta.url))

/** Kills a run that has created a file. */
async function kill({ folder }: Project, file: string): Promise<void> {
  const child = execa(process.execPath, [program, folder, file], { reject: false })
  await Promise.race([once(child.stdout, 'data'), child])
  child.kill('SIGKILL')
  await child
}

test('failures of two runs with one cause send one alert, and none when the command is interactive', async () => {
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

test('orphans over the limit send an alert with --dry-run and with --yes, and none once removed', async () => {
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
  const orphansAlert = { about: 'orphans', title: '2 orphans of 2 runs', count: 2, types: { file: 2 } }
  expect(received).toMatchObject([orphansAlert, orphansAlert])
  await dustpan(project.folder, ['orphans', '--yes'])
  expect(received).toHaveLength(2)
})

test.each([
  [['--fail-over', '2'], {}, 0],
  [['--fail-over', '1'], {}, 1],
  [[], { fail: true, orphans: { moreThan: 1 } }, 1],
  [[], { fail: true, orphans: { moreThan: 2 } }, 0],
  [[], { orphans: {} }, 0],
])('options %j and alerts %j set the exit code for too many orphans', async (options, alerts, code) => {
  for (const act of ['--dry-run', '--yes']) {
    using project = openProject({ cleanup: immediate, alerts })
    await kill(project, 'a.txt')
    await kill(project, 'b.txt')
    expect((await dustpan(project.folder, ['orphans', act, ...options])).code).toBe(code)
  }
})

test('--fail-over that is not a whole number is refused', async () => {
  using project = openProject()
  const { code, err } = await dustpan(project.folder, ['orphans', '--fail-over', 'many'])
  expect([code, err]).toEqual([2, expect.stringContaining('Expected a whole number.')])
})

test('a run that cannot be cleaned up sends an alert and a GitHub annotation, and --json stays valid', async () => {
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

test('dustpan work sends one alert for a cause, although the removal is retried', async () => {
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
