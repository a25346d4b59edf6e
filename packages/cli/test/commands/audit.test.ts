import { appendFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { track } from '@dustpan/core'
import { expect, test } from 'vitest'
import { dustpan } from '../dustpan.ts'
import { openProject, type Project } from '../project.ts'

const twoTests = (project: Project) =>
  project.run(
    {
      passes: { verdict: 'passed', create: () => track({ type: 'file', id: project.file('a.txt') }) },
      fails: { verdict: 'failed', create: () => track({ type: 'file', id: project.file('b.txt') }) },
    },
    { ended: 'failed' },
  )

test('audit shows what was removed, when, in which run and by whom, as text and as JSON', async () => {
  using project = openProject()
  const run = await twoTests(project)
  const { out, code } = await dustpan(project.folder, ['audit'])
  expect(code).toBe(0)
  expect(out).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}removed {2}file {2}/)
  expect(out).toContain('a.txt')
  expect(out).toContain(run)
  expect(out).not.toContain('b.txt')

  const entries = JSON.parse((await dustpan(project.folder, ['audit', '--json'])).out)
  expect(entries).toMatchObject([
    { v: 1, what: 'removal', result: 'removed', run, type: 'file', count: 1, keys: [join(project.folder, 'a.txt')] },
  ])
  expect(entries[0].by).toMatchObject({ user: expect.any(String), host: expect.any(String), build: 'build-77' })
})

test('removals by clean are logged, and the log survives when the runs are deleted', async () => {
  using project = openProject()
  await twoTests(project)
  await dustpan(project.folder, ['clean', '--yes'])
  rmSync(join(project.ledger, 'runs'), { recursive: true })
  const entries = JSON.parse((await dustpan(project.folder, ['audit', '--json'])).out)
  expect(entries.map(({ keys }: { keys: string[] }) => keys[0]?.slice(-5))).toEqual(['a.txt', 'b.txt'])
})

test('a refused removal is logged with its reason, and a dry run is not logged', async () => {
  using project = openProject()
  const run = await twoTests(project)
  project.configure({ environment: 'production', shadow: false })
  const { code, err } = await dustpan(project.folder, ['clean', '--yes'])
  expect([code, err.includes('DUSTPAN_PROFILE_REFUSED')]).toEqual([3, true])
  const entries = JSON.parse((await dustpan(project.folder, ['audit', '--json'])).out)
  expect(entries.at(-1)).toMatchObject({
    ...{ what: 'removal', result: 'refused', run, type: 'file', count: 1, environment: 'production' },
    ...{ code: 'DUSTPAN_PROFILE_REFUSED', message: expect.stringContaining('remove: false') },
  })
  expect((await dustpan(project.folder, ['audit'])).out).toContain('remove: false')
  await dustpan(project.folder, ['clean', '--dry-run'])
  expect(JSON.parse((await dustpan(project.folder, ['audit', '--json'])).out)).toHaveLength(entries.length)
})

test('--since leaves out older entries, and refuses an invalid time', async () => {
  using project = openProject()
  await twoTests(project)
  const since = async (time: string) =>
    JSON.parse((await dustpan(project.folder, ['audit', '--json', '--since', time])).out).length
  expect([await since('1h'), await since('2020-01-01'), await since('2999-01-01')]).toEqual([1, 1, 0])
  expect(await dustpan(project.folder, ['audit', '--since', 'yesterday'])).toMatchObject({
    code: 2,
    err: expect.stringContaining('24h'),
  })
})

test('at most five keys of an entry are shown, and soft deletions appear as marked', async () => {
  using project = openProject()
  const entry = {
    v: 1,
    at: '2026-11-21T05:12:07.000Z',
    what: 'removal',
    by: { user: 'ana', host: 'ci' },
    environment: 'test',
  }
  const all = [
    { ...entry, result: 'removed', type: 'user', count: 6, keys: ['1', '2', '3', '4', '5', '6'] },
    { ...entry, result: 'marked', type: 'user', count: 5, keys: ['1', '2', '3', '4', '5'] },
  ]
  mkdirSync(join(project.ledger, 'audit'), { recursive: true })
  writeFileSync(join(project.ledger, 'audit', '2026-11.jsonl'), all.map((one) => `${JSON.stringify(one)}\n`).join(''))
  const { out } = await dustpan(project.folder, ['audit'])
  expect(out).toMatch(/removed {2}user ×6 {2}1, 2, 3, 4, 5 … {2}/)
  expect(out).toMatch(/marked {3}user ×5 {2}1, 2, 3, 4, 5 {4}/)
})

test('an empty log is reported as empty, and unreadable lines are counted', async () => {
  using project = openProject()
  expect(await dustpan(project.folder, ['audit'])).toMatchObject({ code: 0, out: 'Nothing was removed or refused.\n' })
  await twoTests(project)
  const folder = join(project.ledger, 'audit')
  appendFileSync(join(folder, readdirSync(folder)[0] ?? ''), '{"v":1')
  expect(await dustpan(project.folder, ['audit'])).toMatchObject({
    code: 0,
    err: '1 line of the audit log could not be read.\n',
  })
})
