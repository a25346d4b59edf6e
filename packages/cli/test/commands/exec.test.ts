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

/** A project with a program that creates a user, and then what it is told. */
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

/** So many programs have created their user, and know it. */
async function ready(api: Api, programs: number): Promise<void> {
  while (api.requests.filter(({ path }) => path === 'ready').length < programs)
    await new Promise((resolve) => setTimeout(resolve, 20))
}

/** It has told so. */
async function interrupted({ stderr }: ReturnType<typeof spawnDustpan>): Promise<void> {
  for await (const text of stderr.iterator({ destroyOnReturn: false })) if (String(text).includes('interrupted')) return
}

const states = ({ ledger }: Project) => {
  const [run = ''] = readdirSync(join(ledger, 'runs'))
  const report = join(ledger, 'runs', run, 'report.json')
  return existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')).run.ended : 'no report'
}

test('what the command’s Node processes create is removed when it has ended; the exit code is its own', async () => {
  const { api, project, exec, node } = await world()
  const { exitCode, stderr, stdout } = await exec('--', ...node)
  expect([exitCode, stdout], stderr).toEqual([0, ''])
  expect(stderr).toContain('1 tracked · 1 removed')
  expect([api.left(), states(project)]).toEqual([[], 'passed'])
  const failed = await exec('--', ...node, 'fails')
  expect([failed.exitCode, api.left()], failed.stderr).toEqual([7, []])
})

test('a command that fails is a test that failed: what it created stays where the policy says so', async () => {
  const { api, exec, node } = await world({ cleanup: { strategy: 'conditional' } })
  const { exitCode, stderr } = await exec('--', ...node, 'fails')
  expect(exitCode, stderr).toBe(7)
  expect(stderr).toContain('1 tracked · 0 removed · 1 kept')
  expect(api.left()).toEqual(['users/1'])
})

test('the first Ctrl-C: the command has time to end; one that ignores it is ended, and cleaned up after', async () => {
  const { api, project, exec, node } = await world()
  const running = exec('--grace', '500ms', '--', ...node, 'ignores')
  await ready(api, 1)
  running.kill('SIGINT')
  const { exitCode, stdout, stderr } = await running
  expect([exitCode, stdout], stderr).toEqual([143, 'ignored'])
  expect(stderr).toContain('dustpan: interrupted. The command has 0.5 s to exit')
  expect([api.left(), states(project)], stderr).toEqual([[], 'interrupted'])
})

test('what it has forked, and left behind, is ended as well', async () => {
  const { api, exec, node } = await world()
  const running = exec('--grace', '500ms', '--', ...node, 'forks')
  await ready(api, 2)
  running.kill('SIGINT')
  const { stderr } = await running
  expect(api.left(), stderr).toEqual([])
  expect(stderr).toContain('2 tracked · 2 removed')
})

test('the second Ctrl-C kills it: what is left is told, and stays on record', async () => {
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

test('a command that is not there is wrong use, with the way to call it', async () => {
  const { exec } = await world()
  const { exitCode, stderr } = await exec('--', 'nosuch', '--flag')
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining('"nosuch" could not be started')])
  expect(stderr).toContain('npx')
})

test('an empty argument of the command is its own; no command at all is wrong use', async () => {
  const { exec } = await world()
  const { exitCode, stdout } = await exec('--', process.execPath, '-p', 'process.argv[1] === ""', '')
  expect([exitCode, stdout]).toEqual([0, 'true'])
  const empty = await exec('--', '')
  expect([empty.exitCode, empty.stderr]).toEqual([2, expect.stringContaining('DUSTPAN_INVALID_ARGUMENT')])
})
