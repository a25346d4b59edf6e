/** Mocha's options work the same with the plugin. */
import { startApi } from '@dustpan/conformance'
import { expect, test } from 'vitest'
import { api, createProject, outcomes } from './project.ts'

const suite = `${api}
it('fails', async () => { await create('users'); throw new Error('no') })
describe('suite', () => {
  before(() => create('teams'))
  it('passes', async () => { await create('orders') })
})`

const all = { fails: ['user removed'], 'suite > passes': ['order removed'], file: ['team removed'] }
const cases: [string[], number, Record<string, string[]>][] = [
  [['--bail'], 1, { fails: ['user removed'] }],
  [['--exit'], 1, all],
  [['--grep=passes'], 0, { 'suite > passes': ['order removed'], file: ['team removed'] }],
  [['--forbid-only', '--forbid-pending'], 1, all],
  [['--check-leaks', '--async-only'], 1, all],
  [['--timeout=0', '--allow-uncaught'], 1, all],
  [['--dry-run'], 0, {}],
]

test.each(cases)('the exit code and the removed data are right with %s', async (args, code, expected) => {
  await using server = await startApi()
  await using project = await createProject({ 'test/a.js': suite })
  const { report, output, exitCode } = await project.run(args, { API: server.url })

  expect(exitCode, output).toBe(code)
  expect(outcomes(report)).toEqual(expected)
  expect(server.left()).toEqual([])
})

test('with it.only only the data of that test and its hooks is created and removed', async () => {
  await using server = await startApi()
  await using project = await createProject({
    'test/a.js': suite,
    'test/b.js': `${api}\ndescribe('b', () => { before(() => create('clubs')); it.only('runs', () => create('users')); it('does not', () => {}) })`,
  })
  const { report, output, exitCode } = await project.run([], { API: server.url })

  expect(exitCode, output).toBe(0)
  expect(outcomes(report)).toEqual({ 'b > runs': ['user removed'], file: ['club removed'] })
})

test('DUSTPAN_DISABLED=1 turns tracking off', async () => {
  await using server = await startApi()
  await using project = await createProject({ 'test/a.js': suite })
  const { report } = await project.run([], { API: server.url, DUSTPAN_DISABLED: '1' })

  expect(report).toBeUndefined()
  expect(server.left()).toEqual(['orders/3', 'teams/2', 'users/1'])
})
