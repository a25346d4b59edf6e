/** Cases: data shared by several tests, or by a test and its hooks. */
import type { Case } from '../case.ts'

export const sharedData: readonly Case[] = [
  {
    name: 'nested suites with beforeAll data',
    files: {
      nested: `
suite('outer', {}, () => {
  let team
  beforeAll(async () => { team = await create('teams') })
  suite('inner', {}, () => {
    let club
    beforeAll(async () => { club = await create('clubs') })
    test('has both', {}, async () => {
      assert.ok(await exists('teams/' + team.id))
      assert.ok(await exists('clubs/' + club.id))
      await create('users')
    })
    test('still has both', {}, async () => {
      assert.ok(await exists('teams/' + team.id))
      assert.ok(await exists('clubs/' + club.id))
    })
  })
  test('has the outer one', {}, async () => { assert.ok(await exists('teams/' + team.id)) })
})`,
    },
    expected: { ledger: ['outer > inner > has both (passed): user removed', 'shared: club removed, team removed'] },
  },
  {
    name: 'kept test whose parent came from beforeAll',
    files: {
      'kept-parent': `
suite('parents', {}, () => {
  let team
  beforeAll(async () => {
    team = await create('teams')
    await create('clubs')
  })
  test('keeps a member and so the team', {}, async () => {
    await create('teams/' + team.id + '/members')
    assert.equal(1, 2)
  })
})`,
    },
    expected: {
      ledger: ['parents > keeps a member and so the team (failed): member kept', 'shared: club removed, team kept'],
      left: ['teams/N', 'teams/N/members/N'],
    },
  },
  {
    name: 'afterEach that still needs the data',
    files: {
      'after-each-needs': `
suite('tear-down', {}, () => {
  let user
  afterEach(async () => { assert.ok(await exists('users/' + user.id)) })
  test('has its data', {}, async () => { user = await create('users') })
})
let order
afterEach(async () => { if (order) assert.ok(await exists('orders/' + order.id)) })
test('has its data in a hook of the file', {}, async () => { order = await create('orders') })
test('comes after it', {}, async () => {
  assert.equal(await exists('orders/' + order.id), false)
  order = undefined
})`,
    },
    expected: {
      ledger: [
        'has its data in a hook of the file (passed): order removed',
        'tear-down > has its data (passed): user removed',
      ],
    },
  },
  {
    name: 'rows in PostgreSQL',
    files: {
      'rows-postgres': `
const pool = openPool()
afterAll(() => pool.end())
test('passes', {}, async () => { await note(pool, 'passed') })
test('fails', {}, async () => {
  await note(pool, 'failed')
  assert.equal(1, 2)
})`,
    },
    expected: { ledger: ['fails (failed): notes kept', 'passes (passed): notes removed'], left: ['PostgreSQL failed'] },
  },
  {
    name: 'rows in node:sqlite',
    files: {
      'rows-sqlite': `
test('passes', {}, () => { noteInSqlite('passed') })
test('fails', {}, () => {
  noteInSqlite('failed')
  assert.equal(1, 2)
})`,
    },
    expected: { ledger: ['fails (failed): notes kept', 'passes (passed): notes removed'], left: ['SQLite failed'] },
  },
  {
    name: 'tracked by hand',
    files: {
      'by-hand': `
test('tracks by hand', {}, () => {
  track({ type: 'thing', id: 7, remove: () => {} })
  temporaryFolder('by-hand')
})`,
    },
    expected: { ledger: ['tracks by hand (passed): folder removed, thing removed'] },
  },
]
