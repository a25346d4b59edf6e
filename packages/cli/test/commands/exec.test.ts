import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Api, startApi } from '@dustpan/conformance'
import { expect, onTestFinished, test } from 'vitest'
import { dustpan, spawnDustpan } from '../dustpan.ts'
import { openProject, type Project } from '../project.ts'

const program = `
import { spawn } from 'node:child_process'
const [what] = process.argv.slice(2)
await fetch(process.env.API + '/users', { method: 'POST' })
if (what === 'forks') spawn(process.execPath, ['program.mjs', 'ignores'], { detached: true, stdio: 'inherit' })
if (what === 'ignores') process.on('SIGINT', () => console.log('ignored'))
if (what === 'fails') process.exit(7)
await fetch(process.env.API + '/ready')
if (what !== undefined) setInterval(() => {}, 1000)
`

/** A project with a program that creates a user and then does what its argument says. */
async function world(config: object = { cleanup: { strategy: 'immediate', interruptTimeout: '2m' } }) {
  const api = await startApi()
  onTestFinished(() => api[Symbol.asyncDispose]())
  const project = openProject(config)
  onTestFinished(() => project[Symbol.dispose]())
  writeFileSync(join(project.folder, 'program.mjs'), program)
  const exec = (...args: string[]) =>
    spawnDustpan(project.folder, ['exec', ...args], { env: { API: api.url, DUSTPAN_REAPER: '0' }, detached: true })
  return { api, project, exec, node: [process.execPath, 'program.mjs'] }
}

/** Waits until this many programs have created their user. */
async function ready(api: Api, programs: number): Promise<void> {
  while (api.requests.filter(({ path }) => path === 'ready').length < programs)
    await new Promise((resolve) => setTimeout(resolve, 20))
}

/** Waits until the process reports that it was interrupted. */
async function interrupted({ stderr }: ReturnType<typeof spawnDustpan>): Promise<void> {
  for await (const text of stderr.iterator({ destroyOnReturn: false })) if (String(text).includes('interrupted')) return
}

const outcomeOf = ({ ledger }: Project) => {
  const [run = ''] = readdirSync(join(ledger, 'runs'))
  const report = join(ledger, 'runs', run, 'report.json')
  return existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')).run.ended : 'no report'
}

test('exec removes what the command created when it exits, and exits with its exit code', async () => {
  const { api, project, exec, node } = await world()
  const { exitCode, stderr, stdout } = await exec('--', ...node)
  expect([exitCode, stdout], stderr).toEqual([0, ''])
  expect(stderr).toContain('1 tracked · 1 removed')
  expect([api.left(), outcomeOf(project)]).toEqual([[], 'passed'])
  const failed = await exec('--', ...node, 'fails')
  expect([failed.exitCode, api.left()], failed.stderr).toEqual([7, []])
})

test('the conditional strategy keeps what a failed command created', async () => {
  const { api, exec, node } = await world({ cleanup: { strategy: 'conditional' } })
  const { exitCode, stderr } = await exec('--', ...node, 'fails')
  expect(exitCode, stderr).toBe(7)
  expect(stderr).toContain('1 tracked · 0 removed · 1 kept')
  expect(api.left()).toEqual(['users/1'])
})

test('a command that ignores the first Ctrl-C is ended after --grace, and its resources are removed', async () => {
  const { api, project, exec, node } = await world()
  const running = exec('--grace', '500ms', '--', ...node, 'ignores')
  await ready(api, 1)
  running.kill('SIGINT')
  const { exitCode, stdout, stderr } = await running
  expect([exitCode, stdout], stderr).toEqual([143, 'ignored'])
  expect(stderr).toContain('dustpan: interrupted. The command has 0.5 s to exit')
  expect([api.left(), outcomeOf(project)], stderr).toEqual([[], 'interrupted'])
})

test('on Ctrl-C, detached child processes of the command are ended too, and cleaned up after', async () => {
  const { api, exec, node } = await world()
  const running = exec('--grace', '500ms', '--', ...node, 'forks')
  await ready(api, 2)
  running.kill('SIGINT')
  const { stderr } = await running
  expect(api.left(), stderr).toEqual([])
  expect(stderr).toContain('2 tracked · 2 removed')
})

test('the second Ctrl-C kills the command, and its resources stay on record for dustpan orphans', async () => {
  const { api, project, exec, node } = await world()
  const running = exec('--grace', '60s', '--', ...node, 'ignores')
  await ready(api, 1)
  running.kill('SIGINT')
  await interrupted(running)
  running.kill('SIGINT')
  const { exitCode, stderr } = await running
  expect(exitCode, stderr).toBe(130)
  expect(stderr).toContain('1 tracked · 0 removed')
  expect(api.left()).toEqual(['users/1'])
  const { code } = await dustpan(project.folder, ['orphans', '--yes'])
  expect([code, api.left()]).toEqual([0, []])
})

test('a command that does not exist is a usage error that mentions npx', async () => {
  const { exec } = await world()
  const { exitCode, stderr } = await exec('--', 'nosuch', '--flag')
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining('"nosuch" could not be started')])
  expect(stderr).toContain('npx')
})

test('an empty argument is passed to the command, and an empty command is a usage error', async () => {
  const { exec } = await world()
  const { exitCode, stdout } = await exec('--', process.execPath, '-p', 'process.argv[1] === ""', '')
  expect([exitCode, stdout]).toEqual([0, 'true'])
  const empty = await exec('--', '')
  expect([empty.exitCode, empty.stderr]).toEqual([2, expect.stringContaining('DUSTPAN_INVALID_ARGUMENT')])
})
