/** Resources that must not be removed, or stay on record, because of what else is known of them. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { track } from '../../src/tracking/facade.ts'
import { close, row, testRun } from '../run.ts'

const captured = (run: Awaited<ReturnType<typeof testRun>>, type: string, key: number) => {
  const kind = join(import.meta.dirname, '..', 'scripted-store.ts')
  const pending = run.sink.begin({ kind, store: { id: run.store.id }, type, via: `INSERT INTO ${type}` })
  const removal = { driver: '$driver', op: 'delete', v: 1, args: { type } }
  return (tx?: ReturnType<typeof run.sink.transaction>) =>
    pending?.created([{ type, keys: [key], steps: [removal], proof: { strength: 'key-only' } }], tx)
}

test('a captured row that the test then tracks as shared is not removed', async () => {
  const run = await testRun()
  const scoped = run.openTest('t')
  scoped.run(() => {
    captured(run, 'user', 1)()
    track({ ...row(run.store, 'user', 1), shared: true })
  })
  await close(scoped)
  expect([...run.store.rows.keys()]).toEqual(['user 1'])
  expect(run.states()).toEqual({ 'user 1': 'shared' })
})

test.each(['user', 'users', 'User'])(
  'captured rows of any spelling of a type are not removed when a test tracks a %s of that id as shared',
  async (type) => {
    const run = await testRun()
    const scoped = run.openTest('t')
    scoped.run(() => {
      captured(run, 'users', 1)()
      captured(run, 'user', 1)()
      captured(run, 'user', 2)()
      captured(run, 'orders', 1)()
      for (const name of ['users 1', 'user 1', 'user 2', 'orders 1']) run.store.rows.set(name, {})
      track({ type, id: 1, shared: true })
    })
    await close(scoped)
    expect([...run.store.rows.keys()]).toEqual(['users 1', 'user 1'])
    expect(run.states()).toEqual({ [`${type} 1`]: 'shared', 'user 2': 'removed', 'orders 1': 'removed' })
  },
)

test('the user’s own deletion drops only the given one of two resources with the same key', async () => {
  const run = await testRun()
  const scoped = run.openTest('t')
  scoped.run(() => {
    const [first] = captured(run, 'item', 1)() ?? []
    captured(run, 'item', 1)()
    run.sink.gone({ id: run.store.id }, 'item', [1], undefined, first)
  })
  const states = [...run.folded().resources.values()].map(({ state }) => state)
  expect(states).toEqual(['gone', 'live'])
})

test.each([
  ['committed', 'gone'],
  ['rolled-back', 'live'],
  ['unknown', 'live'],
] as const)('a row deleted in a transaction that ends as %s is %s', async (as, state) => {
  const run = await testRun()
  run.openTest('t').run(() => {
    captured(run, 'user', 1)()
    const tx = run.sink.transaction({ id: run.store.id })
    run.sink.gone({ id: run.store.id }, 'user', [1], tx)
    tx.settle(as)
  })
  expect(run.states()).toEqual({ 'user 1': state })
})

test('200,000 rows of one statement in a transaction are all on record', async () => {
  const run = await testRun()
  const keys = Array.from({ length: 200_000 }, (_, i) => i)
  run.openTest('t').run(() => {
    const kind = join(import.meta.dirname, '..', 'scripted-store.ts')
    const tx = run.sink.transaction({ id: run.store.id })
    const pending = run.sink.begin({ kind, store: { id: run.store.id }, type: 'user', via: 'INSERT' })
    pending?.created([{ type: 'user', keys, steps: [], proof: { strength: 'key-only' } }], tx)
    tx.settle('rolled-back')
  })
  expect(run.folded().resources.size).toBe(200_000)
})
