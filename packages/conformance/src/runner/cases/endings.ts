/** Cases: how a test can end. */
import type { Case } from '../case.ts'

export const endings: readonly Case[] = [
  {
    name: 'pass',
    files: { passes: `test('passes', {}, async () => { await create('users') })` },
    expected: { ledger: ['passes (passed): user removed'] },
  },
  {
    name: 'creates nothing',
    files: { nothing: `test('creates nothing', {}, () => {})` },
    expected: { ledger: [] },
  },
  {
    name: 'fail in the body',
    files: {
      'body-fails': `
test('fails', {}, async () => {
  await create('users')
  await create('orders')
  assert.equal(1, 2)
})
test('comes after it', {}, async () => { await create('users') })`,
    },
    expected: {
      ledger: ['fails (failed): order kept, user kept', 'comes after it (passed): user removed'],
      left: ['orders/N', 'users/N'],
    },
  },
  {
    name: 'fail in beforeEach',
    files: {
      'before-each-fails': `
suite('set-up', {}, () => {
  beforeEach(async () => {
    await create('teams')
    throw new Error('beforeEach')
  })
  test('never begins', {}, async () => { await create('users') })
})`,
    },
    expected: { ledger: ['set-up > never begins (failed): team kept'], left: ['teams/N'] },
  },
  {
    name: 'fail in afterEach',
    files: {
      'after-each-fails': `
suite('tear-down', {}, () => {
  afterEach(() => { throw new Error('afterEach') })
  test('has passed by then', {}, async () => { await create('users') })
})`,
    },
    expected: { ledger: ['tear-down > has passed by then (failed): user kept'], left: ['users/N'] },
  },
  {
    name: 'fail in a fixture',
    files: {
      'fixture-fails': `
fixture(async () => {
  await create('teams')
  throw new Error('set-up')
})('never begins', async () => { await create('users') })`,
      'fixture-fails-late': `
fixture(async (use) => {
  await use(await create('teams'))
  throw new Error('tear-down')
})('has passed by then', async (team) => { await create('teams/' + team.id + '/members') })`,
    },
    expected: {
      ledger: [
        'with a fixture > has passed by then (failed): member kept, team kept',
        'with a fixture > never begins (failed): team kept',
      ],
      left: ['teams/N', 'teams/N', 'teams/N/members/N'],
    },
  },
  {
    name: 'fixture',
    files: {
      fixture: `
fixture(async (use) => {
  const team = await create('teams')
  await use(team)
  assert.ok(await exists('teams/' + team.id))
})('has a team', async (team) => { assert.ok(await exists('teams/' + team.id)) })`,
    },
    expected: { ledger: ['with a fixture > has a team (passed): team removed'] },
  },
  {
    name: 'skip',
    files: { skip: `test('is skipped', { skip: true }, async () => { await create('users') })` },
    expected: { ledger: [] },
  },
  {
    name: 'todo',
    files: { todo: `test('is to be done', { todo: true })` },
    expected: { ledger: [] },
  },
  {
    name: 'expected failure',
    files: {
      'expected-failure': `
test('fails as expected', { fails: true }, async () => {
  await create('users')
  assert.equal(1, 2)
})`,
    },
    expected: { ledger: ['fails as expected (passed): user removed'] },
  },
  {
    name: 'expected failure that passes',
    files: {
      'unexpected-pass': `test('passes against expectation', { fails: true }, async () => { await create('users') })`,
    },
    expected: { ledger: ['passes against expectation (failed): user kept'], left: ['users/N'] },
  },
  {
    name: 'conditional skip',
    files: {
      'skips-itself': `
test('skips itself', {}, async (t) => {
  await create('users')
  return t.skip()
})`,
    },
    expected: { ledger: ['skips itself (skipped): user removed'] },
  },
  {
    name: 'soft assertion',
    files: {
      'fails-softly': `
test('fails softly', {}, async (t) => {
  await create('users')
  t.soft(false)
  await create('orders')
})`,
    },
    expected: { ledger: ['fails softly (failed): order kept, user kept'], left: ['orders/N', 'users/N'] },
  },
]
