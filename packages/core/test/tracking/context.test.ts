import { AsyncLocalStorage } from 'node:async_hooks'
import { EventEmitter } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import { runInNewContext } from 'node:vm'
import { expect, test, vi } from 'vitest'
import { newContext } from '../../src/tracking/context.ts'
import { scope, track } from '../../src/tracking/facade.ts'
import { newScope } from '../../src/tracking/scope.ts'
import { close, row, testRun } from '../run.ts'

const scopeNamed = (id: string) => newScope(id, { kind: 'test', attempt: 0 }, undefined)

test('50 concurrent scopes each get only their own resources', async () => {
  const { openTest, store } = await testRun()
  const tests = Array.from({ length: 50 }, (_, i) => openTest(`t${i}`))
  const created = await Promise.all(
    tests.map((one, i) =>
      one.run(async () => {
        for (let turn = 0; turn < 3; turn++) {
          await setImmediate()
          track(row(store, `user${i}`, turn))
        }
        return scope()
          .created()
          .map(({ type }) => type)
      }),
    ),
  )
  created.forEach((types, i) => {
    expect(types).toEqual([`user${i}`, `user${i}`, `user${i}`])
  })
  const reports = await Promise.all(tests.map((one) => close(one)))
  expect(reports.map((report) => report?.totals.removed)).toEqual(tests.map(() => 3))
})

test('code without a context belongs to the scope entered last, until that is left', () => {
  const context = newContext()
  const [file, other] = [scopeNamed('file'), scopeNamed('other')]
  const entered = context.enter(file)
  const over = context.enter(other)
  expect(context.current()).toBe(other)
  over[Symbol.dispose]()
  over[Symbol.dispose]()
  expect(context.current()).toBe(file)
  expect(context.run(other, () => context.current())).toBe(other)
  entered[Symbol.dispose]()
  expect(context.current()).toBeUndefined()
})

test('resources created outside tests belong to the file, and outside files to the run', async () => {
  const { file, openTest, store, folded } = await testRun()
  const entered = file.enter()
  openTest('t').run(() => track(row(store, 'user', 1)))
  track(row(store, 'user', 2))
  entered[Symbol.dispose]()
  track(row(store, 'user', 3))
  expect([...folded().resources.values()].map(({ set }) => set.attributed)).toEqual(['test', 'file', 'run'])
})

test('bind() does not change the user’s own AsyncLocalStorage contexts', () => {
  const context = newContext()
  const theirs = new AsyncLocalStorage<string>()
  const bound = theirs.run('the caller’s', () => context.bind(() => theirs.getStore()))
  expect(theirs.run('the connection’s', bound)).toBe('the connection’s')
  expect(bound()).toBeUndefined()
})

test('a callback bound by a pool keeps its caller’s scope', () => {
  const context = newContext()
  const [one, other] = [scopeNamed('one'), scopeNamed('other')]
  const pool = new EventEmitter()
  const seen: unknown[] = []
  context.run(one, () =>
    pool.once(
      'free',
      context.bind(() => seen.push(context.current())),
    ),
  )
  context.run(other, () => pool.emit('free'))
  expect(seen).toEqual([one])
})

test('switchTo() applies to the current context and what follows from it, and to no other', async () => {
  const context = newContext()
  const [one, other] = [scopeNamed('one'), scopeNamed('other')]
  const run = (to: typeof one) =>
    setImmediate().then(() => {
      context.switchTo(to)
      return setImmediate().then(() => context.current())
    })
  expect(await Promise.all([run(one), run(other)])).toEqual([one, other])
  expect(context.current()).toBeUndefined()
})

test('a suspended context is not captured until it switches to a scope', async () => {
  const context = newContext()
  const seen = await setImmediate().then(async () => {
    context.suspend()
    const suspended = context.own
    await setImmediate()
    context.switchTo(scopeNamed('one'))
    return [suspended, context.own]
  })
  expect(seen).toEqual([true, false])
  expect(context.own).toBe(false)
})

test('Dustpan’s own work is recognised, also after an await', async () => {
  const context = newContext()
  expect(context.own).toBe(false)
  await context.asOwn(async () => {
    await setImmediate()
    expect(context.own).toBe(true)
  })
  expect(context.own).toBe(false)
})

test('a second install and another realm track in the same run', async () => {
  const { openTest, store } = await testRun()
  vi.resetModules()
  const copy = await import('../../src/tracking/facade.ts')
  expect(copy.track).not.toBe(track)
  const scoped = openTest('t')
  scoped.run(() => {
    copy.track(row(store, 'user', 1))
    const realm = { process, input: row(store, 'user', 2) }
    runInNewContext("process[Symbol.for('dustpan/1')].track({ ...input, remove: { ...input.remove } })", realm)
  })
  expect((await close(scoped))?.totals.removed).toBe(2)
})

test('a callback bound while suspended is captured after resume(), in the scope entered last', async () => {
  const context = newContext()
  const file = scopeNamed('file')
  const { answer, suspension } = await setImmediate().then(() => {
    const suspension = context.suspend()
    return { suspension, answer: context.bind(() => [context.own, context.current()]) }
  })
  context.enter(file)
  expect(answer()).toEqual([true, file])
  suspension.resume()
  expect(answer()).toEqual([false, file])
})
