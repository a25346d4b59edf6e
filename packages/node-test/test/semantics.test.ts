/** Whether the data of a test is removed or kept for each outcome, in the newest and oldest supported Node. */
import { startApi } from '@dustpan/conformance'
import { beforeAll, describe, expect, test } from 'vitest'
import { createProject, installAll, nodeVersions, outcomes, tracked } from './project.ts'

const suite = `
import test, { after, afterEach, before, beforeEach, describe, it, mock } from 'node:test'
import { test as named } from 'node:test'
import assert from 'node:assert'
import { scope, track } from '@dustpan/core'
import { create } from './create.mjs'

let team
before(async () => { team = await create('teams'); await create('clubs') })
after(async () => { await create('lates') })

test('passes', async () => { await create('users') })
named('fails', async () => { await create('users'); await create('orders'); assert.equal(1, 2) })
test('is synchronous', () => { track({ type: 'thing', id: 1, remove: 'DELETE ' + process.env.API + '/things/{id}' }) })
test('is skipped', { skip: true }, async () => { await create('users') })
test('skips itself', async (t) => { await create('users'); t.skip() })
test('is to be done, and fails', { todo: true }, async () => { await create('users'); assert.equal(1, 2) })
test('breaks its plan', { plan: 2 }, async (t) => { await create('users'); t.assert.ok(true) })
test('is done by callback', (t, done) => { create('users').then(() => done(), done) })
test('fails by callback', (t, done) => { create('users').then(() => done(new Error('no'))) })
test('runs into its timeout while a create is under way', { timeout: 100 }, async () => { await create('after-400/slow') })
test('gives the late one time', () => new Promise((resolve) => setTimeout(resolve, 800)))
test('keeps a member and so the team', async () => { await create('teams/' + team.id + '/members'); assert.equal(1, 2) })
test('decides for itself', async () => { scope().policy({ strategy: 'immediate' }); await create('users'); assert.equal(1, 2) })

test('fails around two others', async (t) => {
  await create('outer')
  t.beforeEach(async () => { await create('inner-hook') })
  await t.test('and one passes', async () => { await create('inner') })
  await t.test('and one fails', async (t) => {
    await t.test('far inside', async () => { await create('innermost'); assert.equal(1, 2) })
  })
  assert.deepEqual(scope().created().map(({ type }) => type), ['outer'])
})

describe('hooks', () => {
  describe('before', () => {
    beforeEach(async () => { await create('before'); throw new Error('beforeEach') })
    it('fails in beforeEach', async () => { await create('users') })
  })
  describe('after', () => {
    afterEach(() => { throw new Error('afterEach') })
    it('fails in afterEach', async () => { await create('users') })
  })
  it('fails in t.after', async (t) => {
    await create('users')
    t.after(async () => { await create('last'); throw new Error('t.after') })
    t.after(() => { console.log('a hook that Node leaves out') })
  })
  describe('need', () => {
    const status = async (user) => (await fetch(process.env.API + '/users/' + user.id)).status
    let user
    afterEach(async () => { assert.equal(await status(user), 200) })
    it('has its data in its own hooks', async (t) => {
      user = await create('users')
      t.after(async () => { assert.equal(await status(user), 200) })
    })
    after(async () => { assert.equal(await status(user), 404) })
  })
})

describe('concurrent', { concurrency: true }, () => {
  beforeEach(async (t) => { await create('after-20/' + t.name) })
  afterEach(async (t) => { await create('after-10/' + t.name) })
  for (const name of ['a', 'b', 'c']) {
    it(name, async () => {
      for (let i = 0; i < 2; i++) await create('after-' + Math.round(Math.random() * 20) + '/' + name)
      assert.deepEqual(scope().created().map(({ type }) => type), [name, name, name])
      assert.notEqual(name, 'b')
    })
  }
})

test('leaves mocked timers on', async () => { await create('users'); mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'setImmediate', 'Date'] }) })
test('has a mocked fetch', async (t) => { await create('users'); t.mock.method(globalThis, 'fetch', () => { throw new Error('mocked') }) })
test('resets the timers', () => { mock.timers.reset() })
`

/** Tests that are awaited: Node runs the root's `after` hooks once the first of them is over. */
const awaited = `
import test from 'node:test'
import assert from 'node:assert'
import { create } from './create.mjs'
const team = await create('teams')
const hasTeam = async () => assert.equal((await fetch(process.env.API + '/teams/' + team.id)).status, 200)
await test('first', async () => { await create('users'); await hasTeam() })
await test('second', async () => {
  await new Promise((resolve) => setTimeout(resolve, 50))
  await create('orders')
  await hasTeam()
})
await test('third', async () => { await create('carts'); await hasTeam(); assert.equal(1, 2) })
`

const expectedFailure = `
import test from 'node:test'
import assert from 'node:assert'
import { create } from './create.mjs'
test('is expected to fail', { expectFailure: true }, async () => { await create('users'); assert.equal(1, 2) })
test('is expected to fail and passes', { expectFailure: true }, async () => { await create('users') })
`

const required = `
const test = require('node:test')
const { it } = require('node:test')
const create = async (type) => (await fetch(process.env.API + '/' + type, { method: 'POST' })).json()
test('required', async () => { await create('users') })
it('required by name', async () => { await create('orders') })
`

const config = `export default { cleanup: { strategy: 'conditional', retry: { delay: 10 } } }`

beforeAll(installAll, 600_000)

describe.each(nodeVersions)('Node %s', (version) => {
  test('data is removed or kept by the outcome of its test, also in hooks, subtests and concurrent tests', async () => {
    await using api = await startApi()
    await using project = await createProject({ 'all.test.mjs': suite, 'dustpan.config.mjs': config }, version)
    const { report, output, exitCode } = await project.run([...tracked, 'all.test.mjs'], { API: api.url })

    expect(outcomes(report), output).toEqual({
      passes: ['user removed'],
      fails: ['order kept', 'user kept'],
      'is synchronous': ['thing already-gone'],
      'skips itself': ['user removed'],
      'is to be done, and fails': ['user removed'],
      'breaks its plan': ['user kept'],
      'is done by callback': ['user removed'],
      'fails by callback': ['user kept'],
      'runs into its timeout while a create is under way': ['slow kept'],
      'keeps a member and so the team': ['member kept'],
      'decides for itself': ['user removed'],
      'fails around two others': ['outer removed'],
      'fails around two others > and one passes': ['inner removed', 'inner-hook removed'],
      'fails around two others > and one fails': ['inner-hook removed'],
      'fails around two others > and one fails > far inside': ['inner-hook kept', 'innermost kept'],
      'hooks > before > fails in beforeEach': ['before kept'],
      'hooks > after > fails in afterEach': ['user kept'],
      'hooks > fails in t.after': ['last kept', 'user kept'],
      'hooks > need > has its data in its own hooks': ['user removed'],
      'concurrent > a': ['a removed', 'a removed', 'a removed', 'a removed'],
      'concurrent > b': ['b kept', 'b kept', 'b kept', 'b kept'],
      'concurrent > c': ['c removed', 'c removed', 'c removed', 'c removed'],
      'leaves mocked timers on': ['user removed'],
      'has a mocked fetch': ['user removed'],
      file: ['club removed', 'late removed', 'team kept'],
    })
    expect(output).not.toContain('a hook that Node leaves out')
    expect(exitCode).toBe(1)
  })

  test('data of a file whose tests are awaited is removed after the last test', async () => {
    await using api = await startApi()
    await using project = await createProject({ 'all.test.mjs': awaited, 'dustpan.config.mjs': config }, version)
    for (const args of [
      [...tracked, 'all.test.mjs'],
      [...tracked.filter((arg) => !arg.startsWith('--test')), 'all.test.mjs'],
    ]) {
      const { report, output, exitCode } = await project.run(args, { API: api.url })
      expect(outcomes(report), output).toEqual({
        first: ['user removed'],
        second: ['order removed'],
        third: ['cart kept'],
        file: ['team removed'],
      })
      expect(exitCode).toBe(1)
    }
  })

  test('tests in a CommonJS file are tracked', async () => {
    await using api = await startApi()
    await using project = await createProject({ 'all.test.cjs': required }, version)
    const { report, output, exitCode } = await project.run([...tracked, 'all.test.cjs'], { API: api.url })

    expect(outcomes(report), output).toEqual({ required: ['user removed'], 'required by name': ['order removed'] })
    expect(exitCode).toBe(0)
  })
})

test('a test with expectFailure counts as passed when it fails, and as failed when it passes', async () => {
  await using api = await startApi()
  await using project = await createProject({ 'all.test.mjs': expectedFailure, 'dustpan.config.mjs': config })
  const { report, output } = await project.run([...tracked, 'all.test.mjs'], { API: api.url })

  expect(outcomes(report), output).toEqual({
    'is expected to fail': ['user removed'],
    'is expected to fail and passes': ['user kept'],
  })
})
