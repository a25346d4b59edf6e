/** Whether the data of a test is removed or kept for each outcome, in every supported Mocha version. */
import { startApi } from '@dustpan/conformance'
import { describe, expect, test } from 'vitest'
import { api, conditional, createProject, mochaVersions, outcomes } from './project.ts'

const suite = `${api}
const assert = require('node:assert')
const { scope } = require('@dustpan/core')
it('passes', async () => { await create('users') })
it('fails', async () => { await create('users'); await create('orders'); assert.equal(1, 2) })
it('passes by done', (done) => { create('users').then(() => done()) })
it('fails by done', (done) => { create('users').then(() => done(new Error('no'))) })
it('throws outside of any promise', (done) => { create('users').then(() => setImmediate(() => { throw new Error('uncaught') })) })
it.skip('is skipped', async () => { await create('users') })
it('skips itself', async function () { await create('users'); this.skip() })
it('creates nothing', () => {})
let tries = 0
it('passes at the third try', async function () { this.retries(2); await create('users'); assert.equal(await stillThere('users/' + (lastTry ?? 0)), false); lastTry = scope().created()[0].key; assert.equal(++tries, 3) })
let lastTry
it('fails at each try', async function () { this.retries(1); await create('users'); assert.equal(1, 2) })
it('runs into its timeout', async function () { this.timeout(100); await create('after-300/slow') })
it('gives the late one time', (done) => { setTimeout(done, 500) })
it('has a name twice', async () => { await create('first') })
it('has a name twice', async () => { await create('second'); assert.equal(1, 2) })

describe('hooks', () => {
  describe('before each', () => {
    beforeEach(async () => { await create('before'); throw new Error('no') })
    it('fails in beforeEach', async () => { await create('users') })
  })
  describe('after each', () => {
    afterEach(() => { throw new Error('no') })
    it('fails in afterEach', async () => { await create('users') })
  })
  describe('skips', () => {
    beforeEach(async function () { await create('users'); this.skip() })
    it('is skipped in beforeEach', () => {})
  })
  describe('calls back twice', () => {
    let calls = 0
    beforeEach((done) => { done(); if (++calls === 1) done() })
    it('follows a hook that called back twice', async () => { await create('users') })
    it('follows another hook that is fine', async () => { await create('users') })
  })
  describe('need', () => {
    let user
    afterEach(async () => { assert(await stillThere('users/' + user.id)) })
    it('has its data in its own afterEach', async () => { user = await create('users') })
  })
})
`

describe.each(mochaVersions)('Mocha %s', (version) => {
  test('data is removed or kept by the outcome of its test, separately for attempts and hooks', async () => {
    await using server = await startApi()
    await using project = await createProject({ 'test/all.js': suite, ...conditional }, version)
    const { report, output } = await project.run([], { API: server.url })

    expect(outcomes(report), output).toEqual({
      passes: ['user removed'],
      fails: ['order kept', 'user kept'],
      'passes by done': ['user removed'],
      'fails by done': ['user kept'],
      'throws outside of any promise': ['user kept'],
      'skips itself': ['user removed'],
      'passes at the third try': ['user removed'],
      'passes at the third try #1': ['user removed'],
      'passes at the third try #2': ['user removed'],
      'fails at each try': ['user removed'],
      'fails at each try #1': ['user kept'],
      'runs into its timeout': ['slow kept'],
      'has a name twice': ['second kept'],
      'hooks > before each > fails in beforeEach': ['before kept'],
      'hooks > after each > fails in afterEach': ['user kept'],
      'hooks > skips > is skipped in beforeEach': ['user removed'],
      'hooks > calls back twice > follows a hook that called back twice': ['user kept'],
      'hooks > calls back twice > follows another hook that is fine': ['user removed'],
      'hooks > need > has its data in its own afterEach': ['user removed'],
    })
    expect(report?.totals).toMatchObject({ tracked: 21, kept: 10, removed: 11 })
    expect(report?.run.runner).toBe(`mocha ${version}`)
  })
})
