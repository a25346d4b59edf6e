import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { track } from '@dustpan/core'
import { lockRun } from '@dustpan/core/ledger'
import { expect, test } from 'vitest'
import { dustpan, spawnDustpan } from '../dustpan.ts'
import { openProject, type Project } from '../project.ts'
import { startService } from '../service.ts'

const backup = { strategy: 'conditional', retry: { attempts: 1 }, backup: true }

/** Records a passed test whose two files were removed. */
async function removed(config: object = {}): Promise<{ project: Project; run: string; paths: readonly string[] }> {
  const project = openProject({ cleanup: backup, ...config })
  const paths = ['a.txt', 'b.txt'].map((name) => join(project.folder, name))
  const create = () => {
    for (const name of ['a.txt', 'b.txt']) track({ type: 'file', id: project.file(name) })
  }
  const run = await project.run({ uploads: { verdict: 'passed', create } })
  expect(paths.map((path) => existsSync(path))).toEqual([false, false])
  return { project, run, paths }
}

test('restore shows its plan, and restores nothing with --dry-run, the answer no, or no terminal', async () => {
  const { project, paths } = await removed()
  using _ = project
  const dry = await dustpan(project.folder, ['restore', 'latest', '--dry-run'])
  expect(dry.code).toBe(0)
  expect(dry.out).toMatch(/1 +file ×2 +in files/)
  expect(dry.out).toContain('Nothing was restored: this is a dry run.')
  const no = await dustpan(project.folder, ['restore', 'latest'], { answer: 'n' })
  expect([no.code, no.questions]).toEqual([1, ['Restore 2 resources? [y/N] ']])
  const nobody = await dustpan(project.folder, ['restore', 'latest'])
  expect([nobody.code, nobody.err]).toEqual([1, expect.stringContaining('Add --yes to restore them')])
  expect(paths.map((path) => existsSync(path))).toEqual([false, false])
})

test('restored files are kept, logged, restored only once, and removed again by clean', async () => {
  const { project, run, paths } = await removed()
  using _ = project
  expect((await dustpan(project.folder, ['list', run, '--all'])).out).toContain('✓ removed (backup)')
  const { exitCode, stdout } = await spawnDustpan(project.folder, ['restore', run, '--yes'])
  expect([exitCode, stdout]).toEqual([0, expect.stringContaining('2 restored.')])
  expect(paths.map((path) => readFileSync(path, 'utf8'))).toEqual(['a.txt', 'b.txt'])
  expect((await dustpan(project.folder, ['list', run])).out).toMatch(/● kept/)
  expect((await dustpan(project.folder, ['audit'])).out).toMatch(/restored +file ×2/)
  const twice = await dustpan(project.folder, ['restore', run, '--yes'])
  expect([twice.code, twice.out]).toEqual([0, expect.stringContaining('2 already there.')])
  expect((await dustpan(project.folder, ['clean', run, '--yes'])).code).toBe(0)
  expect(paths.map((path) => existsSync(path))).toEqual([false, false])
  expect((await dustpan(project.folder, ['restore', run, '--yes'])).out).toContain('2 restored.')
})

test('a file that was created since stays, and the other file is restored', async () => {
  const { project, paths } = await removed()
  using _ = project
  writeFileSync(paths[0] ?? '', 'theirs')
  const { code, out } = await dustpan(project.folder, ['restore', 'latest', '--yes'])
  expect(code).toBe(1)
  expect(out).toMatch(/a\.txt could not be restored: something else is there/)
  expect(out).toContain('1 restored, 1 failed.')
  expect(paths.map((path) => readFileSync(path, 'utf8'))).toEqual(['theirs', 'b.txt'])
})

test('--id and --test limit what is restored, and an unknown id or run is a usage error', async () => {
  const { project, run, paths } = await removed()
  using _ = project
  const { out } = await dustpan(project.folder, ['list', run, '--all', '--json'])
  const [, second] = (JSON.parse(out) as { resources: { id: string }[] }).resources
  const json = await dustpan(project.folder, ['restore', run, '--id', second?.id ?? '', '--yes', '--json'])
  expect(JSON.parse(json.out)).toMatchObject({
    run,
    plan: [{ store: 'files', type: 'file', restores: [{ id: second?.id, key: paths[1] }] }],
    resources: [{ id: second?.id, state: 'restored', result: 'copied back' }],
  })
  expect(paths.map((path) => existsSync(path))).toEqual([false, true])
  expect((await dustpan(project.folder, ['restore', run, '--id', 'nope', '--yes'])).code).toBe(2)
  expect((await dustpan(project.folder, ['restore', 'nope', '--yes'])).err).toContain('DUSTPAN_UNKNOWN_RUN')
  expect((await dustpan(project.folder, ['restore', run, '--test', 'something else', '--yes'])).out).toContain(
    'Nothing can be restored.',
  )
})

test('resources without a backup are reported, and the exit code is 1', async () => {
  const { project } = await removed({ cleanup: { ...backup, backup: false } })
  using _ = project
  const { code, out } = await dustpan(project.folder, ['restore', 'latest', '--yes'])
  expect([code, out]).toEqual([1, expect.stringContaining('2 resources cannot be restored: no backup.')])
})

test('restore is refused with DUSTPAN_PROFILE_REFUSED in production', async () => {
  const { project, paths } = await removed()
  using _ = project
  project.configure({ cleanup: backup, environment: 'production', shadow: false })
  const { code, err } = await dustpan(project.folder, ['restore', 'latest', '--yes'])
  expect([code, err]).toEqual([3, expect.stringContaining('DUSTPAN_PROFILE_REFUSED')])
  expect(paths.map((path) => existsSync(path))).toEqual([false, false])
})

test('restore fails while the run is locked, and when its backup folder is missing', async () => {
  const { project, run } = await removed()
  using _ = project
  {
    using _lock = lockRun(project.ledger, run)
    const { code, err } = await dustpan(project.folder, ['restore', run, '--yes'])
    expect([code, err]).toEqual([1, expect.stringContaining('DUSTPAN_RUN_LOCKED')])
  }
  rmSync(join(project.ledger, 'runs', run, 'backups'), { recursive: true })
  const { code, out } = await dustpan(project.folder, ['restore', run, '--yes'])
  expect([code, out]).toEqual([1, expect.stringContaining('2 failed.')])
  expect(out).toContain('its backup is missing from the run’s folder')
})

test('a soft-deleted resource is restored with the restore request of its removal', async () => {
  await using service = await startService()
  using project = openProject({ cleanup: backup })
  service.things.add('/users/7')
  const request = { request: `DELETE ${service.origin}/users/{id}`, restore: 'DELETE /users/{id}/deleted' }
  service.things.add('/users/7/deleted')
  const run = await project.run({
    t: { verdict: 'passed', create: () => track({ type: 'user', id: 7, remove: request }) },
  })
  const { code, out } = await dustpan(project.folder, ['restore', run, '--yes'])
  expect([code, out]).toEqual([0, expect.stringContaining('1 restored.')])
  expect(service.deleted).toEqual(['/users/7', '/users/7/deleted'])
})
