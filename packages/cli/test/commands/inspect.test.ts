import { join } from 'node:path'
import { track } from '@dustpan/core'
import type { ResourceRecord } from '@dustpan/core/ledger'
import { expect, test } from 'vitest'
import { lookAt } from '../../src/look-at.ts'
import { dustpan } from '../dustpan.ts'
import { openProject, type Project } from '../project.ts'

const origin = 'http://127.0.0.1:9'

function shop(project: Project): Promise<string> {
  const create = () => {
    track({ type: 'user', id: 7, remove: `DELETE ${origin}/users/{id}` })
    track({ type: 'file', id: project.file('a.txt') })
  }
  const passed = { verdict: 'passed', create: () => track({ type: 'file', id: project.file('b.txt') }) } as const
  return project.run({ 'adds an item': { verdict: 'failed', create }, 'removes an item': passed }, { ended: 'failed' })
}

test('inspect shows what a failed test created, how to look at it, and why and until when it is kept', async () => {
  using project = openProject()
  const run = await shop(project)
  const { code, out } = await dustpan(project.folder, ['inspect', 'Adds an ITEM'])
  expect(code).toBe(0)
  expect(out).toMatch(new RegExp(`^Run ${run} {2}vitest 5\\.1\\.1, failed, .*build build-77`))
  expect(out).toContain(
    '\n\ntest/cart.test.ts > cart > adds an item\n  ended   failed\n  policy  keep: the test failed\n',
  )
  expect(out).toMatch(/\n {2}kept +by \S+ on \S+, until \d{4}-\d\d-\d\d \d\d:\d\d UTC\n/)
  expect(out).toMatch(/\n {2}● kept {2}user 7 +GET http:\/\/127\.0\.0\.1:9\/users\/7 +\S+:\d+ +id \S+\n/)
  expect(out).toMatch(new RegExp(`\\n {2}● kept {2}file +${join(project.folder, 'a.txt')} +\\S+:\\d+ +id \\S+\\n`))
  expect(out).toContain(`npx dustpan clean ${run} --test "Adds an ITEM"`)
  expect(out).toContain(`npx dustpan release ${run} --test "Adds an ITEM"`)
  expect(out).not.toContain('b.txt')
})

test('inspect finds tests by part of a title or file, in the newest matching run or the one in --run', async () => {
  using project = openProject()
  const first = await shop(project)
  const second = await project.run({
    other: { verdict: 'failed', create: () => track({ type: 'file', id: project.file('c.txt') }) },
  })
  expect((await dustpan(project.folder, ['inspect', 'adds'])).out).toContain(`Run ${first}`)
  expect((await dustpan(project.folder, ['inspect', 'cart.test.ts'])).out).toContain(`Run ${second}`)
  const { out } = await dustpan(project.folder, ['inspect', 'cart.test.ts', '--run', first, '--json'])
  const { run, tests } = JSON.parse(out) as {
    run: { id: string }
    tests: { flow: { titles: string[] }; created: { state: string; look: string }[] }[]
  }
  expect(run.id).toBe(first)
  expect(tests.map(({ flow, created }) => [flow.titles[1], created.map(({ state }) => state)])).toEqual([
    ['adds an item', ['kept', 'kept']],
    ['removes an item', ['removed']],
  ])
  expect(tests[0]?.created.map(({ look }) => look)).toEqual([`GET ${origin}/users/7`, join(project.folder, 'a.txt')])
})

test('an unknown test exits with 1 and names the ledger that was searched', async () => {
  using project = openProject()
  await shop(project)
  const { code, out, err } = await dustpan(project.folder, ['inspect', 'flies'])
  expect([code, out, err]).toEqual([1, '', expect.stringContaining(`No test in ${project.ledger} with "flies"`)])
  expect((await dustpan(project.folder, ['inspect', 'adds', '--run', 'nope'])).code).toBe(2)
})

test.for([
  ["DELETE FROM shop.users WHERE (a, b) = (1, 'x')", "SELECT * FROM shop.users WHERE (a, b) = (1, 'x')"],
  ['UPDATE users SET deleted_at = now() WHERE id = 7', 'SELECT * FROM users WHERE id = 7'],
  ['UPDATE users as before WHERE id = 7', 'SELECT * FROM users WHERE id = 7'],
  ['ALTER TABLE events DELETE WHERE id = 7', 'SELECT * FROM events WHERE id = 7'],
  ['DELETE /users/7', 'GET http://localhost:3000/users/7'],
  ['PATCH https://shop.test/users/7', 'GET https://shop.test/users/7'],
  ['users.deleteOne({ _id: ObjectId("4f") })', 'users.findOne({ _id: ObjectId("4f") })'],
  ['users.updateOne({ _id: 7 }, { $set: deletedAt })', 'users.findOne({ _id: 7 })'],
  ['rm -r /tmp/a b', '/tmp/a b'],
  ['POST /users/7/archive', undefined],
  ['DELETE FROM users', undefined],
  ['a function', undefined],
] as const)('a resource removed by %j is looked at with %j', ([removal, look]) => {
  expect(lookAt({ removal, storeId: 'http://localhost:3000' } as ResourceRecord)).toBe(look)
})

test('on a narrow terminal inspect and whose do not shorten URLs, commands and run ids', async () => {
  using project = openProject()
  const remove = 'DELETE http://localhost:1/a/rather/long/path/of/users/{id}'
  const create = () => track({ type: 'user', id: 7, remove })
  const run = await project.run({ fails: { verdict: 'failed', create } })
  const { out } = await dustpan(project.folder, ['inspect', 'fails'], { width: 40 })
  expect(out).toContain('GET http://localhost:1/a/rather/long/path/of/users/7')
  expect(out).toContain(`npx dustpan clean ${run} --test "fails"`)
  const whose = await dustpan(project.folder, ['whose', '7'], { width: 40 })
  expect(whose.out).toContain(run)
})
