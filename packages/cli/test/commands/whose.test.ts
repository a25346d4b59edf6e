import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { track } from '@dustpan/core'
import { expect, test } from 'vitest'
import { dustpan } from '../dustpan.ts'
import { openProject, type Project } from '../project.ts'

interface Answer {
  readonly found: readonly { readonly run: string; readonly type: string; readonly key: string; readonly id: string }[]
  readonly looked: { readonly dir: string; readonly runs: number }
}

const shared = { shared: true } as const

function tracking(project: Project, ...things: readonly (readonly [type: string, id: unknown])[]): Promise<string> {
  const create = () => {
    for (const [type, id] of things) track({ type, id: id as string, ...shared })
  }
  return project.run({ 'adds an item': { verdict: 'passed', create } })
}

async function lookUp(project: Project, ...words: readonly string[]): Promise<Answer> {
  return JSON.parse((await dustpan(project.folder, ['whose', ...words, '--json'])).out) as Answer
}

const keys = ({ found }: Answer) => found.map(({ type, key }) => [type, key])

test('whose shows test, source line, run, CI build, age and state, newest first', async () => {
  using project = openProject()
  const first = await tracking(project, ['user', 42])
  const second = await tracking(project, ['user', 42])
  const { code, out } = await dustpan(project.folder, ['whose', '42'])
  expect(code).toBe(0)
  expect(out.indexOf(second)).toBeLessThan(out.indexOf(first))
  expect(out).toMatch(
    /^user 42 {2}○ shared {2}id \S+\n {2}test +test\/cart\.test\.ts > cart > adds an item {2}passed\n/,
  )
  expect(out).toMatch(/\n {2}source +\S*packages\/cli\/test\/commands\/whose\.test\.ts:\d+/)
  expect(out).toMatch(new RegExp(`\\n {2}run +${second} {2}vitest 5\\.1\\.1, passed\\n`))
  expect(out).toMatch(/\n {2}CI build +build-77/)
  expect(out).toMatch(/\n {2}age +(now|\d+ s ago), \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\n/)
})

test.for([
  [['42'], ['user', 'order']],
  [['user', '42'], ['user']],
  [['users:42'], ['user']],
  [['User 42'], ['user']],
  [['a@b.example'], ['address']],
  [['[7,9]'], ['member']],
  [['7,9'], ['member']],
  [['members', '[7, 9]'], ['member']],
  [['cart:7'], ['cache']],
  [['4'], []],
  [['7'], []],
  [['order', 'a@b.example'], []],
] as const)('whose finds resources by key, or by type and key: %j', async ([words, types]) => {
  using project = openProject()
  await tracking(
    project,
    ...([
      ['user', 42],
      ['order', '42'],
      ['address', 'a@b.example'],
      ['member', [7, 9]],
      ['cache', 'cart:7'],
    ] as const),
  )
  expect(
    keys(await lookUp(project, ...words))
      .map(([type]) => type)
      .sort(),
  ).toEqual([...types].sort())
})

test('whose finds a file by relative or absolute path, and a resource by its id', async () => {
  using project = openProject()
  const create = () => track({ type: 'file', id: project.file('ä left.txt') })
  await project.run({ uploads: { verdict: 'failed', create } })
  const [found] = (await lookUp(project, 'ä left.txt')).found
  expect(found?.key).toBe(join(project.folder, 'ä left.txt'))
  expect((await lookUp(project, './ä left.txt')).found).toEqual([found])
  expect((await lookUp(project, found?.key ?? '')).found).toEqual([found])
  expect((await lookUp(project, found?.id ?? '')).found).toEqual([found])
  expect((await lookUp(project, 'left.txt')).found).toEqual([])
  const elsewhere = await dustpan(tmpdir(), [
    'whose',
    `${basename(project.folder)}/ä left.txt`,
    '--dir',
    project.ledger,
  ])
  expect([elsewhere.code, elsewhere.out]).toEqual([0, expect.stringContaining(`id ${found?.id}`)])
})

test('an unknown key exits with 1 and names the ledger that was searched', async () => {
  using project = openProject()
  await tracking(project, ['user', 42])
  const { code, out, err } = await dustpan(project.folder, ['whose', '43'])
  expect([code, out]).toEqual([1, ''])
  expect(err).toBe(
    `No record of "43": the only run in ${project.ledger} did not track it. Use --dir for another ledger.\n`,
  )
  expect((await lookUp(project, '43')).looked).toEqual({ dir: project.ledger, runs: 1 })
  expect((await dustpan(project.folder, ['whose', 'a', 'b', 'c'])).code).toBe(2)
})

test('whose skips a run without a matching record', async () => {
  using project = openProject()
  const run = await tracking(project, ['user', 42])
  const other = join(project.ledger, 'runs', '20990101-000000-aaaaaa')
  mkdirSync(other)
  writeFileSync(join(other, 'w.jsonl'), 'no line of a ledger, and of 1420\n')
  expect((await lookUp(project, '42')).found).toMatchObject([{ run }])
  expect(readdirSync(join(project.ledger, 'runs'))).toHaveLength(2)
})

test('--limit limits the number of results, and the Git branch is shown', async () => {
  using project = openProject()
  execFileSync('git', ['init', '--quiet', '--initial-branch', 'feature/cart', project.folder])
  await tracking(project, ['user', 1], ['order', 1], ['cart', 1])
  const { out } = await dustpan(project.folder, ['whose', '1', '--limit', '2'])
  expect(out.match(/^\S+ 1 {2}○ shared/gm)).toEqual(['cart 1  ○ shared', 'order 1  ○ shared'])
  expect(out).toMatch(/\n {2}branch +feature\/cart\n/)
  expect((await dustpan(project.folder, ['list', 'latest', '--all'])).out).toContain(', branch feature/cart')
})
