import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { track } from '@dustpan/core'
import { expect, test } from 'vitest'
import { spawnDustpan } from './dustpan.ts'
import { openProject, type Project } from './project.ts'
import { startService } from './service.ts'

const oneKept = (project: Project) =>
  project.run({ fails: { verdict: 'failed', create: () => track({ type: 'file', id: project.file('a.txt') }) } })

test('an error is written to standard error without a stack, and sets the exit code', async () => {
  using project = openProject()
  const { exitCode, stdout, stderr } = await spawnDustpan(project.folder, ['list', 'nothing'])
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
  expect(stderr).toContain('DUSTPAN_UNKNOWN_RUN')
  expect(stderr).not.toMatch(/^ +at /m)
})

test('DUSTPAN_DEBUG=1 adds the stack to an error', async () => {
  using project = openProject()
  const { stderr } = await spawnDustpan(project.folder, ['list', 'nothing'], { env: { DUSTPAN_DEBUG: '1' } })
  expect(stderr).toMatch(/^ +at /m)
})

test.for([
  [{ FORCE_COLOR: undefined, NO_COLOR: undefined }, false],
  [{ FORCE_COLOR: '1', NO_COLOR: undefined }, true],
  [{ FORCE_COLOR: '1', NO_COLOR: '1' }, false],
] as const)('with stdout as a pipe and %j, output has colours: %j', async ([env, coloured]) => {
  using project = openProject()
  await oneKept(project)
  const { stdout } = await spawnDustpan(project.folder, ['list', 'latest'], { env })
  expect(stdout.includes('\x1b[')).toBe(coloured)
})

test('an unsupported Node version is reported in one line, before anything is loaded', async () => {
  using project = openProject()
  const old = join(project.folder, 'old.mjs')
  writeFileSync(old, `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.19.0' } })`)
  const { exitCode, stderr } = await spawnDustpan(project.folder, ['list'], { nodeOptions: ['--import', old] })
  expect({ exitCode, stderr }).toEqual({
    exitCode: 2,
    stderr: 'dustpan requires Node 22.18 or newer, and this is Node 20.19.0.',
  })
})

test('closing the output pipe is no error, and clean still removes everything', async () => {
  await using service = await startService()
  using project = openProject()
  const ids = Array.from({ length: 2000 }, (_, i) => i)
  for (const id of ids) service.things.add(`/users/${id}`)
  const create = () => {
    for (const id of ids) track({ type: `user-${id}`, id, remove: `DELETE ${service.origin}/users/{id}` })
  }
  await project.run({ fails: { verdict: 'failed', create } })
  const listing = spawnDustpan(project.folder, ['list', 'latest'])
  listing.stdout?.once('data', () => listing.stdout?.destroy())
  expect(await listing).toMatchObject({ exitCode: 0, stderr: '' })
  const cleaning = spawnDustpan(project.folder, ['clean', '--yes'])
  cleaning.stdout?.once('data', () => cleaning.stdout?.destroy())
  expect(await cleaning).toMatchObject({ exitCode: 0, stderr: '' })
  expect(service.things.size).toBe(0)
})
