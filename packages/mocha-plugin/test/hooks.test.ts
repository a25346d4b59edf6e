/** Root hooks and global fixtures of other plugins, and a nested Mocha. */
import { startApi } from '@dustpan/conformance'
import { expect, test } from 'vitest'
import { api, createProject, outcomes } from './project.ts'

const theirs = `${api}
const assert = require('node:assert')
let root, each, tenant
exports.mochaHooks = {
  beforeAll: async () => { root = await create('roots') },
  beforeEach: async () => { each = await create('eaches') },
  afterEach: async () => { assert(await stillThere('eaches/' + each.id)) },
  afterAll: async () => { assert(await stillThere('roots/' + root.id)) },
}
exports.mochaGlobalSetup = async () => { tenant = await create('tenants') }
exports.mochaGlobalTeardown = async () => {
  assert(await stillThere('tenants/' + tenant.id))
  await fetch(process.env.API + '/tenants/' + tenant.id, { method: 'DELETE' })
}`

const suite = `${api}
const assert = require('node:assert')
describe('suite', () => {
  let user
  afterEach(async () => { assert(await stillThere('users/' + user.id)) })
  it('passes', async () => { user = await create('users') })
})`

const orders = { first: ['@dustpan/mocha-plugin', './theirs.js'], last: ['./theirs.js', '@dustpan/mocha-plugin'] }

test.each(Object.entries(orders))(
  'listed %s: hooks see their data, and data of global fixtures is not tracked',
  async (_, order) => {
    await using server = await startApi()
    await using project = await createProject({
      'test/a.js': suite,
      'test/b.js': `it('is empty', () => {})`,
      'theirs.js': theirs,
      '.mocharc.json': JSON.stringify({ require: order, spec: 'test/*' }),
    })
    const { report, output, exitCode } = await project.run([], { API: server.url })

    expect(exitCode, output).toBe(0)
    expect(outcomes(report), output).toEqual({
      run: ['root removed'],
      'suite > passes': ['each removed', 'user removed'],
      'is empty': ['each removed'],
    })
    expect(server.left()).toEqual([])
  },
)

test('when a root hook fails, the run ends and everything is removed', async () => {
  await using server = await startApi()
  const failing = `${api}
afterEach(() => { throw new Error('no') })
after(() => { throw new Error('no') })
it('passes', async () => { await create('users') })
it('never runs', () => {})`
  await using project = await createProject({ 'test/a.js': failing })
  const { report, output } = await project.run([], { API: server.url })

  expect(output).toMatch(/1 passing[\s\S]*2 failing/)
  expect(outcomes(report)).toEqual({ passes: ['user removed'] })
  expect(report?.scopes[0]?.verdict).toBe('failed')
})

test('data of a Mocha that a test starts in its process belongs to that test', async () => {
  await using server = await startApi()
  const nested = `${api}
const loaded = require('mocha')
const Mocha = loaded.default ?? loaded
it('runs a Mocha', (done) => {
  const mocha = new Mocha({ reporter: class {} })
  mocha.suite.addTest(new Mocha.Test('inner', async () => { await create('users') }))
  mocha.run((failures) => done(failures || undefined))
})
it('goes on', async () => { await create('orders') })`
  await using project = await createProject({ 'test/a.js': nested })
  const { report, output, exitCode } = await project.run([], { API: server.url })

  expect(exitCode, output).toBe(0)
  expect(outcomes(report)).toEqual({ 'runs a Mocha': ['user removed'], 'goes on': ['order removed'] })
})
