import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { track } from '@dustpan/core'
import { lockRun } from '@dustpan/core/ledger'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { dustpan, spawnDustpan } from '../dustpan.ts'
import { openProject, type Project } from '../project.ts'

/** Records a failed test whose files were kept. */
function keep(project: Project, names: readonly string[] = ['a.txt', 'b.txt']): Promise<string> {
  const create = () => {
    for (const name of names) track({ type: 'file', id: project.file(name) })
  }
  return project.run({ uploads: { verdict: 'failed', create } }, { ended: 'failed' })
}

const killedRun = fileURLToPath(new URL('../killed-run.ts', import.meta.url))

interface Listed {
  readonly resources: readonly { readonly id: string; readonly key: string; readonly state: string }[]
}

async function listed(project: Project, run: string): Promise<Listed['resources']> {
  return (JSON.parse((await dustpan(project.folder, ['list', run, '--all', '--json'])).out) as Listed).resources
}

const exist = (project: Project, ...names: readonly string[]) =>
  names.map((name) => existsSync(join(project.folder, name)))

test('forget shows its plan, and forgets nothing with --dry-run, the answer no, or without a terminal', async () => {
  using project = openProject()
  const run = await keep(project)
  const dry = await dustpan(project.folder, ['forget', run, '--dry-run'])
  expect([dry.code, dry.out]).toEqual([0, expect.stringContaining('Nothing was forgotten: this is a dry run.')])
  expect(dry.out).toMatch(/● kept +file +rm .*a\.txt +file:.* +id /)
  const no = await dustpan(project.folder, ['forget', run], { answer: 'n' })
  expect([no.code, no.questions]).toEqual([1, ['Forget 2 resources? [y/N] ']])
  const nobody = await dustpan(project.folder, ['forget', run])
  expect([nobody.code, nobody.err]).toEqual([1, expect.stringContaining('Add --yes to forget them')])
  expect(await listed(project, run)).toHaveLength(2)
})

test('forgetting a run drops its records, removes no file, and leaves nothing for clean', async () => {
  using project = openProject()
  const run = await keep(project)
  const { exitCode, stdout } = await spawnDustpan(project.folder, ['forget', run, '--yes'])
  expect([exitCode, stdout]).toEqual([0, expect.stringContaining('2 resources forgotten. Nothing was removed.')])
  expect(await listed(project, run)).toEqual([])
  expect((await dustpan(project.folder, ['clean', run, '--yes'])).out).toContain('Nothing left to remove.')
  expect(exist(project, 'a.txt', 'b.txt')).toEqual([true, true])
  const report = JSON.parse(readFileSync(join(project.ledger, 'runs', run, 'report.json'), 'utf8'))
  expect(report.totals).toMatchObject({ tracked: 0, kept: 0 })
  expect((await dustpan(project.folder, ['forget', run, '--yes'])).out).toContain('Nothing to forget.')
})

test('resources of several runs are forgotten by id, and with an unknown id nothing is forgotten', async () => {
  using project = openProject()
  const runs = [await keep(project), await keep(project, ['c.txt', 'd.txt'])] as const
  const [a, b, c] = [...(await listed(project, runs[0])), ...(await listed(project, runs[1]))].map(({ id }) => id)
  const slip = await dustpan(project.folder, ['forget', a ?? '', 'slip-1.0', '--yes'])
  expect([slip.code, slip.err]).toEqual([2, expect.stringContaining('DUSTPAN_INVALID_ARGUMENT')])
  expect(await listed(project, runs[0])).toHaveLength(2)
  const { code, out } = await dustpan(project.folder, ['forget', a ?? '', c ?? '', '--yes', '--json'])
  const output = JSON.parse(out) as { runs: { run: string; forgets: { id: string }[] }[]; forgotten: boolean }
  expect([code, output.forgotten]).toEqual([0, true])
  expect(output.runs.map(({ run, forgets }) => [run, forgets.map(({ id }) => id)]).sort()).toEqual(
    [
      [runs[0], [a]],
      [runs[1], [c]],
    ].sort(),
  )
  expect((await listed(project, runs[0])).map(({ id }) => id)).toEqual([b])
  expect((await dustpan(project.folder, ['clean', runs[0], '--yes'])).code).toBe(0)
  expect(exist(project, 'a.txt', 'b.txt', 'c.txt')).toEqual([true, false, true])
})

test('--type, --test and --state limit what is forgotten', async () => {
  using project = openProject()
  const run = await keep(project)
  for (const filter of [
    ['--type', 'user'],
    ['--test', 'another'],
    ['--state', 'failed'],
  ])
    expect((await dustpan(project.folder, ['forget', run, ...filter, '--yes'])).out).toContain('Nothing to forget')
  expect((await dustpan(project.folder, ['forget', run, '--test', 'uploads', '--yes'])).out).toContain(
    '2 resources forgotten',
  )
})

test('a run is forgotten although the driver of its store is not installed', async () => {
  using project = openProject()
  const run = await keep(project)
  project.configure({ drivers: [{ use: 'no-such-driver', name: 'gone', options: {} }] })
  expect((await dustpan(project.folder, ['forget', run, '--yes'])).code).toBe(0)
  expect(await listed(project, run)).toEqual([])
})

test('resources of a test that still runs are not forgotten', async () => {
  using project = openProject()
  const running = execa(process.execPath, [killedRun, project.folder], { reject: false })
  const [run] = (await once(createInterface(running.stdout), 'line')) as [string]
  const early = await dustpan(project.folder, ['forget', run, '--yes'])
  expect([early.code, early.out]).toEqual([1, expect.stringContaining('still in progress. 1 resource in use')])
  expect(await listed(project, run)).toHaveLength(1)
  running.kill('SIGKILL')
  await running
  expect((await dustpan(project.folder, ['forget', run, '--yes'])).code).toBe(0)
  expect(await listed(project, run)).toEqual([])
  expect(exist(project, 'left.txt')).toEqual([true])
})

test('forget fails with DUSTPAN_RUN_LOCKED while another process cleans the run', async () => {
  using project = openProject()
  const run = await keep(project)
  using _lock = lockRun(project.ledger, run)
  const { code, err } = await dustpan(project.folder, ['forget', run, '--yes'])
  expect([code, err]).toEqual([1, expect.stringContaining('DUSTPAN_RUN_LOCKED')])
  expect(await listed(project, run)).toHaveLength(2)
})

test('forget without a run, or with an unknown run, is a usage error', async () => {
  using project = openProject()
  expect((await dustpan(project.folder, ['forget'])).code).toBe(2)
  const { code, err } = await dustpan(project.folder, ['forget', 'nope', '--yes'])
  expect([code, err]).toEqual([2, expect.stringContaining('DUSTPAN_UNKNOWN_RUN')])
})
