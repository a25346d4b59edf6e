/** Which file data belongs to, and how long it lives. All files of a serial run share one root suite. */
import { startApi } from '@dustpan/conformance'
import { expect, test } from 'vitest'
import { api, conditional, createProject, outcomes, resources } from './project.ts'

const file = (name: string) => `${api}
const assert = require('node:assert')
const { temporaryFolder, track } = require('@dustpan/core')
const top = temporaryFolder('top')
let root
before(async () => { root = await create('root-${name}s'); track({ type: 'closure', id: '${name}', remove: () => {} }) })
it('at the root of ${name}', async () => { await create('test-${name}s') })
describe('first of ${name}', () => {
  let team
  before(async () => { team = await create('team-${name}s') })
  it('sees the team', async () => { assert(await stillThere('team-${name}s/' + team.id)); assert(await stillThere('root-${name}s/' + root.id)) })
  after(async () => { assert(await stillThere('team-${name}s/' + team.id)) })
})
describe('second of ${name}', () => {
  it('comes later', async () => { assert.equal(await stillThere('team-as/3'), ${name === 'a'}) })
})
after(async () => { assert(await stillThere('root-${name}s/' + root.id)); assert(require('node:fs').existsSync(top)) })
`

test('data of a suite’s before() lives until its file ends, and data of a root before() until the run ends', async () => {
  await using server = await startApi()
  // The ids are given in order: root-a 1, root-b 2, test-a 3, test-b 4, team-a 5, team-b 6.
  const files = { 'test/a.js': file('a').replace('/3', '/5'), 'test/b.js': file('b').replace('/3', '/5') }
  await using project = await createProject(files)
  const { report, output, exitCode } = await project.run([], { API: server.url })

  expect(exitCode, output).toBe(0)
  const scopes = report?.scopes.map(({ kind, file, path, resources }) => [
    kind,
    file,
    path?.at(-1),
    resources.map(({ type }) => type).sort(),
  ])
  expect(scopes?.sort()).toEqual([
    ['file', 'test/a.js', undefined, ['team-a']],
    ['file', 'test/b.js', undefined, ['team-b']],
    ['run', undefined, undefined, ['closure', 'closure', 'folder', 'folder', 'root-a', 'root-b']],
    ['test', 'test/a.js', 'at the root of a', ['test-a']],
    ['test', 'test/b.js', 'at the root of b', ['test-b']],
  ])
  expect(new Set(resources(report).map(({ state }) => state))).toEqual(new Set(['removed']))
  expect(server.left()).toEqual([])
})

test.each([[[]], [['--parallel', '--jobs=2']]])(
  'data of a root before() belongs to the file when only one file runs %s',
  async (args) => {
    await using server = await startApi()
    const suite = `${api}
before(async () => { await create('teams') })
it('passes', async () => { await create('users') })`
    await using project = await createProject({ 'test/a.js': suite })
    const { report, output } = await project.run(args, { API: server.url })

    expect(report?.scopes.map(({ kind, file }) => [kind, file]).sort(), output).toEqual([
      ['file', 'test/a.js'],
      ['test', 'test/a.js'],
    ])
  },
)

test('a kept test keeps the data of its suite and of the root that it depends on', async () => {
  await using server = await startApi()
  const suite = `${api}
let club, team
before(async () => { club = await create('clubs'); await create('unused') })
describe('team', () => {
  before(async () => { team = await create('clubs/' + club.id + '/teams') })
  it('fails', async () => { await create('clubs/' + club.id + '/teams/' + team.id + '/members'); throw new Error('no') })
})`
  await using project = await createProject({
    'test/a.js': suite,
    'test/b.js': `it('passes', () => {})`,
    ...conditional,
  })
  const { report, output } = await project.run([], { API: server.url })

  expect(outcomes(report), output).toEqual({
    run: ['club kept', 'unused removed'],
    file: ['team kept'],
    'team > fails': ['member kept'],
  })
})

test('data of a failed before() is kept and shown below its error', async () => {
  await using server = await startApi()
  const suite = `${api}
describe('suite', () => { before(async () => { await create('teams'); throw new Error('no') }); it('never runs', () => {}) })`
  await using project = await createProject({
    'test/a.js': suite,
    'test/b.js': `describe('b', () => it('passes', () => {}))`,
    ...conditional,
  })
  const { report, output } = await project.run([], { API: server.url })

  expect(outcomes(report)).toEqual({ file: ['team kept'] })
  expect(output).toMatch(/Error: no\n +Dustpan: left behind: team 1 \(kept, test\/a\.js:2\)/)
})
