import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { track } from '@dustpan/core'
import { lockRun } from '@dustpan/core/ledger'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { dustpan } from '../dustpan.ts'
import { openProject, type Project } from '../project.ts'

const killedRun = fileURLToPath(new URL('../killed-run.ts', import.meta.url))

/** Records a run whose failed test kept a file. */
function red(project: Project, file: string): Promise<string> {
  const create = () => track({ type: 'file', id: project.file(file) })
  return project.run({ 'pays by card': { verdict: 'failed', create } }, { ended: 'failed' })
}

const isThere = (project: Project, ...files: readonly string[]) =>
  files.map((file) => existsSync(join(project.folder, file)))

test('clean --all plans run by run, asks once, and removes what all finished runs kept', async () => {
  using project = openProject()
  const runs = [await red(project, 'a'), await red(project, 'b'), await red(project, 'c')]
  const { code, out, questions } = await dustpan(project.folder, ['clean', '--all'], { answer: 'y' })
  expect(questions).toEqual(['Remove 3 resources of 3 runs? [y/N] '])
  for (const run of runs) expect(out).toContain(`Run ${run}`)
  expect([code, isThere(project, 'a', 'b', 'c')]).toEqual([0, [false, false, false]])
  expect((await dustpan(project.folder, ['clean', '--all'])).out).toContain('Nothing to clean up')
})

test.for([
  ['the answer no', [], { answer: '' }, 1],
  ['a dry run', ['--dry-run'], {}, 0],
  ['no terminal and no --yes', [], {}, 1],
  ['JSON without --yes', ['--json'], {}, 1],
] as const)('clean --all removes nothing: %s', async ([, args, setting, expected]) => {
  using project = openProject()
  await red(project, 'a')
  await red(project, 'b')
  const { code, out } = await dustpan(project.folder, ['clean', '--all', ...args], setting)
  expect([code, isThere(project, 'a', 'b')]).toEqual([expected, [true, true]])
  expect(out).toContain('rm ')
})

test('clean --all skips and names a run that is still in progress', async () => {
  using project = openProject()
  await red(project, 'a')
  const running = execa(process.execPath, [killedRun, project.folder], { reject: false })
  const [run] = (await once(createInterface(running.stdout), 'line')) as [string]
  const { code, out } = await dustpan(project.folder, ['clean', '--all', '--yes'])
  expect(out).toContain(`Left out, still running: ${run}\n`)
  expect([code, isThere(project, 'a', 'left.txt')]).toEqual([0, [false, true]])
  running.kill('SIGKILL')
  await running
  expect((await dustpan(project.folder, ['clean', '--all', '--yes'])).code).toBe(0)
  expect(isThere(project, 'left.txt')).toEqual([false])
})

test('clean --all skips and names a run of another machine', async () => {
  using project = openProject()
  await red(project, 'a')
  const theirs = await red(project, 'b')
  const folder = join(project.ledger, 'runs', theirs)
  for (const name of readdirSync(folder).filter((one) => one.endsWith('.jsonl'))) {
    const marked = readFileSync(join(folder, name), 'utf8').replaceAll('"e":"writer"', '"e":"writer","elsewhere":true')
    writeFileSync(join(folder, name), marked)
    renameSync(join(folder, name), join(folder, name.replace('.jsonl', '.elsewhere.jsonl')))
  }
  const { code, out } = await dustpan(project.folder, ['clean', '--all', '--yes'])
  expect(out).toContain(`Left out, run on other machines: ${theirs}\n`)
  expect([code, isThere(project, 'a', 'b')]).toEqual([0, [false, true]])
})

test('a run locked by another process fails with DUSTPAN_RUN_LOCKED, and the others are cleaned', async () => {
  using project = openProject()
  await red(project, 'a')
  const run = await red(project, 'b')
  using _lock = lockRun(project.ledger, run)
  const { code, err } = await dustpan(project.folder, ['clean', '--all', '--yes'])
  expect([code, isThere(project, 'a', 'b')]).toEqual([1, [false, true]])
  expect(err).toMatch(new RegExp(`Run ${run} was not cleaned up:[\\s\\S]*DUSTPAN_RUN_LOCKED`))
})

test('filters apply to every run, and --json prints one value', async () => {
  using project = openProject()
  const runs = [await red(project, 'a'), await red(project, 'b')]
  const none = JSON.parse((await dustpan(project.folder, ['clean', '--all', '--type', 'user', '--json'])).out)
  expect(none).toEqual({ runs: [], leftOut: { live: [], elsewhere: [] } })
  const { code, out } = await dustpan(project.folder, ['clean', '--all', '--type', 'file', '--json', '--yes'])
  expect([
    code,
    JSON.parse(out)
      .runs.map(({ run }: { run: string }) => run)
      .sort(),
  ]).toEqual([0, [...runs].sort()])
  expect(JSON.parse(out).runs[0]).toMatchObject({ plan: [{ store: 'files' }], totals: { removed: 1 } })
})

test.for([['latest'], ['--id', 'k3f9x2-4.0']])('--all cannot be combined with %s', async (args) => {
  using project = openProject()
  await red(project, 'a')
  const { code, err } = await dustpan(project.folder, ['clean', ...args, '--all', '--yes'])
  expect([code, err]).toEqual([2, expect.stringContaining('DUSTPAN_INVALID_ARGUMENT')])
  expect(isThere(project, 'a')).toEqual([true])
})
