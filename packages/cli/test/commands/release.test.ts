import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { track } from '@dustpan/core'
import { loadSettings, lockRun } from '@dustpan/core/ledger'
import { beginRun, sweepAtStart } from '@dustpan/core/runner'
import { joinRun } from '@dustpan/core/worker'
import { expect, test } from 'vitest'
import { dustpan } from '../dustpan.ts'
import { openProject, type Project } from '../project.ts'

/** Records a failed test that kept two files. */
function keep(project: Project, more: object = {}): Promise<string> {
  const create = () => {
    for (const name of ['a.txt', 'b.txt']) track({ type: 'file', id: project.file(name), ...more })
  }
  return project.run({ uploads: { verdict: 'failed', create } }, { ended: 'failed' })
}

const exist = ({ folder }: Project) => ['a.txt', 'b.txt'].filter((name) => existsSync(join(folder, name)))

async function ids(project: Project, run: string): Promise<readonly string[]> {
  const { out } = await dustpan(project.folder, ['list', run, '--all', '--json'])
  return (JSON.parse(out) as { resources: { id: string }[] }).resources.map(({ id }) => id)
}

test('release shows its plan, and releases nothing with --dry-run, the answer no, or no terminal', async () => {
  using project = openProject()
  const run = await keep(project)
  const dry = await dustpan(project.folder, ['release', run, '--dry-run'])
  expect([dry.code, dry.out]).toEqual([0, expect.stringContaining('Nothing was released: this is a dry run.')])
  expect(dry.out).toMatch(/● kept +file +rm .*a\.txt +file:.* +id /)
  const no = await dustpan(project.folder, ['release', run], { answer: 'n' })
  expect([no.code, no.questions]).toEqual([1, ['Release 2 resources? [y/N] ']])
  const nobody = await dustpan(project.folder, ['release', run])
  expect([nobody.code, nobody.err]).toEqual([1, expect.stringContaining('Add --yes to release them')])
  expect((await dustpan(project.folder, ['orphans'])).out).toContain('No orphans')
})

test('a released resource is removed by orphans and not before, and the others are kept', async () => {
  using project = openProject()
  const run = await keep(project)
  const [a = ''] = await ids(project, run)
  const { code, out } = await dustpan(project.folder, ['release', run, '--id', a, '--yes'])
  expect([code, out]).toEqual([0, expect.stringContaining('1 resource released. Nothing was removed yet')])
  expect(exist(project)).toEqual(['a.txt', 'b.txt'])
  const report = JSON.parse(readFileSync(join(project.ledger, 'runs', run, 'report.json'), 'utf8'))
  expect(report.totals).toMatchObject({ live: 1, kept: 1 })
  const orphans = await dustpan(project.folder, ['orphans', '--yes'])
  expect([orphans.code, exist(project)]).toEqual([0, ['b.txt']])
  expect(orphans.out).toMatch(new RegExp(`${run} .* 0 +0 +1 +0 +0 +file ×1`))
  expect((await dustpan(project.folder, ['release', run, '--id', a, '--yes'])).out).toContain('No kept resources')
})

test('a released resource is removed at the start of the next run with atStart.leftovers', async () => {
  using project = openProject({ atStart: { leftovers: true } })
  const run = await keep(project)
  await dustpan(project.folder, ['release', run, '--test', 'uploads', '--yes'])
  await sweepAtStart(await loadSettings(project.folder))
  expect(exist(project)).toEqual([])
})

test('a released persistent resource is removed by orphans', async () => {
  using project = openProject()
  const run = await keep(project, { lifetime: 'persistent' })
  expect((await dustpan(project.folder, ['orphans', '--yes'])).out).toContain('No orphans')
  await dustpan(project.folder, ['release', run, '--type', 'file', '--yes'])
  await dustpan(project.folder, ['orphans', '--yes'])
  expect(exist(project)).toEqual([])
})

test('in a run in progress, kept resources can be released, and resources in use stay', async () => {
  using project = openProject()
  const run = beginRun(await loadSettings(project.folder), 'vitest 5.1.1', {})
  await using session = await joinRun(run.ticket)
  const open = (title: string) =>
    session.openScope(undefined, { kind: 'test', file: 'test/cart.test.ts', path: [title], attempt: 0 })
  const [failed, going] = [open('failed'), open('goes on')]
  failed.run(() => track({ type: 'file', id: project.file('a.txt') }))
  await failed.close('failed', { willRetry: false })
  going.run(() => track({ type: 'file', id: project.file('b.txt'), lifetime: 'persistent' }))
  const { code, out } = await dustpan(project.folder, ['release', run.ticket.run, '--yes'])
  expect([code, out]).toEqual([1, expect.stringContaining('still in progress. 1 resource in use will stay as is')])
  expect((await dustpan(project.folder, ['orphans', '--yes'])).code).toBe(0)
  expect(exist(project)).toEqual(['b.txt'])
})

test('a released resource that is restored is kept again', async () => {
  using project = openProject({ cleanup: { strategy: 'conditional', backup: true } })
  const run = await keep(project)
  await dustpan(project.folder, ['release', run, '--yes'])
  await dustpan(project.folder, ['orphans', '--yes'])
  expect(exist(project)).toEqual([])
  await dustpan(project.folder, ['restore', run, '--yes'])
  expect(exist(project)).toEqual(['a.txt', 'b.txt'])
  expect((await dustpan(project.folder, ['orphans', '--yes'])).out).toContain('No orphans')
  await dustpan(project.folder, ['release', run, '--yes'])
  await dustpan(project.folder, ['orphans', '--yes'])
  expect(exist(project)).toEqual([])
})

test('release fails with DUSTPAN_RUN_LOCKED while another process cleans the run', async () => {
  using project = openProject()
  const run = await keep(project)
  using _lock = lockRun(project.ledger, run)
  const { code, err } = await dustpan(project.folder, ['release', run, '--yes'])
  expect([code, err]).toEqual([1, expect.stringContaining('DUSTPAN_RUN_LOCKED')])
})

test('--json prints what was released', async () => {
  using project = openProject()
  const run = await keep(project)
  const { out } = await dustpan(project.folder, ['release', run, '--yes', '--json'])
  expect(JSON.parse(out)).toMatchObject({ run, releases: [{ type: 'file', state: 'kept' }, {}], released: true })
})

test('release without a run, or with an id that is not in the run, is a usage error', async () => {
  using project = openProject()
  const run = await keep(project)
  expect((await dustpan(project.folder, ['release'])).code).toBe(2)
  const { code, err } = await dustpan(project.folder, ['release', run, '--id', 'slip-1.0', '--yes'])
  expect([code, err]).toEqual([2, expect.stringContaining('DUSTPAN_INVALID_ARGUMENT')])
})
