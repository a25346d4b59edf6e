/** What becomes of each test's data, by how the test ended: in every supported Vitest, from the packed tarballs. */

import { startApi } from '@dustpan/conformance'
import { describe, expect, test } from 'vitest'
import { createProject, outcomes, type VitestVersion, vitestVersions } from './project.ts'

const create = `
export const create = async (type: string, query = '') => (await fetch(process.env.API + '/' + type + query, { method: 'POST' })).json()
`

const suite = `
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { scope, track, temporaryFolder } from '@dustpan/core'
import { create } from './create.ts'

test('passes', async () => { await create('users') })
test('fails', async () => { await create('users'); await create('orders'); expect(1).toBe(2) })
test.skip('is skipped', async () => { await create('users') })
test('skips itself', async ({ skip }) => { await create('users'); skip() })
test.fails('is expected to fail', async () => { await create('users'); expect(1).toBe(2) })
test.fails('is expected to fail and passes', async () => { await create('users') })
test('fails softly', async () => { await create('users'); expect.soft(1).toBe(2) })
test('creates nothing', () => {})

let tries = 0
test('passes at the third try', { retry: 2 }, async () => { await create('users'); expect(++tries).toBe(3) })
test('fails at each try', { retry: 1 }, async () => { await create('users'); expect(1).toBe(2) })

test('runs into its timeout while a create is under way', { timeout: 100 }, async () => { await create('slow', '?delay=400') })
test('gives the late one time', () => new Promise((resolve) => setTimeout(resolve, 800)))

describe('hooks', () => {
  describe('before', () => {
    beforeEach(async () => { await create('before'); throw new Error('beforeEach') })
    test('fails in beforeEach', async () => { await create('users') })
  })
  describe('after', () => {
    afterEach(() => { throw new Error('afterEach') })
    test('fails in afterEach', async () => { await create('users') })
  })
  describe('need', () => {
    let user: { id: number }
    afterEach(async () => { expect((await fetch(process.env.API + '/users/' + user.id)).status).toBe(200) })
    test('has its data in its own afterEach', async () => { user = await create('users') })
  })
})

describe('parents', () => {
  let team: { id: number }
  let unused: { id: number }
  beforeAll(async () => { team = await create('teams'); unused = await create('clubs') })
  test('keeps a member and so the team', async () => { await create('teams/' + team.id + '/members'); expect(1).toBe(2) })
})

describe('concurrent', { concurrent: true }, () => {
  for (const name of ['a', 'b', 'c']) {
    test('tells ' + name + ' from the others', async ({ expect }) => {
      for (let i = 0; i < 3; i++) await create(name, '?delay=' + Math.round(Math.random() * 20))
      expect(scope().created().map(({ type }) => type)).toEqual([name, name, name])
      expect(name).not.toBe('b')
    })
  }
})

test('decides for itself', async () => { scope().policy({ strategy: 'immediate' }); await create('users'); expect(1).toBe(2) })
test('tracks by hand', async () => {
  const { id } = await create('ignored')
  track({ type: 'thing', id, remove: process.env.API + '' === '' ? '' : 'DELETE ' + process.env.API + '/ignored/{id}' })
})
test('leaves fake timers on', async () => {
  const { vi } = await import('vitest')
  await create('users')
  vi.useFakeTimers({ now: 0 })
})
`

const config = `
import { defineConfig, http } from '@dustpan/core'
export default defineConfig({
  cleanup: { strategy: 'conditional', retry: { delay: 10 } },
  drivers: [http({ rules: [{ create: 'POST /ignored', ignore: true }] })],
})
`

describe.each(Object.keys(vitestVersions) as VitestVersion[])('Vitest %s', (version) => {
  test('each outcome has its consequence, and attempts, hooks, parents and concurrent tests are told apart', async () => {
    await using api = await startApi()
    await using project = await createProject(
      { 'create.ts': create, 'all.test.ts': suite, 'dustpan.config.ts': config },
      version,
    )
    const { report, output } = await project.run([], { API: api.url })

    expect(outcomes(report), output).toEqual({
      passes: ['user removed'],
      fails: ['order kept', 'user kept'],
      'skips itself': ['user removed'],
      'is expected to fail': ['user removed'],
      'is expected to fail and passes': ['user kept'],
      'fails softly': ['user kept'],
      'passes at the third try': ['user removed'],
      'passes at the third try #1': ['user removed'],
      'passes at the third try #2': ['user removed'],
      'fails at each try': ['user removed'],
      'fails at each try #1': ['user kept'],
      'runs into its timeout while a create is under way': ['slow kept'],
      'hooks > before > fails in beforeEach': ['before kept'],
      'hooks > after > fails in afterEach': ['user kept'],
      'hooks > need > has its data in its own afterEach': ['user removed'],
      file: ['club removed', 'team kept'],
      'parents > keeps a member and so the team': ['member kept'],
      'concurrent > tells a from the others': ['a removed', 'a removed', 'a removed'],
      'concurrent > tells b from the others': ['b kept', 'b kept', 'b kept'],
      'concurrent > tells c from the others': ['c removed', 'c removed', 'c removed'],
      'decides for itself': ['user removed'],
      'tracks by hand': ['thing removed'],
      'leaves fake timers on': ['user removed'],
    })
    expect(api.left().map((path) => path.replace(/\d+/g, 'N'))).toEqual([
      'b/N',
      'b/N',
      'b/N',
      'before/N',
      'orders/N',
      'slow/N',
      'teams/N',
      'teams/N/members/N',
      'users/N',
      'users/N',
      'users/N',
      'users/N',
      'users/N',
    ])
    expect(report?.totals).toMatchObject({
      tracked: 31,
      kept: 13,
      removed: 18,
      failed: 0,
      refused: 0,
      pending: 0,
      live: 0,
      lost: 0,
    })
  })
})
