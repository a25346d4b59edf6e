import { describe, expect, test } from 'vitest'
import { readRun } from '../../src/journal/read.ts'
import type { CaptureTransaction } from '../../src/resource/capture.ts'
import type { Proof } from '../../src/resource/resource.ts'
import { scope, track } from '../../src/tracking/facade.ts'
import { findInstance } from '../../src/tracking/instance.ts'
import { close, row, type TestRun, testRun } from '../run.ts'

/** Creates rows and reports them as an instrument does. */
function created(
  { sink, store, session }: TestRun,
  type: string,
  keys: readonly (string | number)[],
  tx?: CaptureTransaction,
) {
  const kind = session.settings.drivers[0]?.use ?? ''
  const pending = sink.begin({ kind, store: { id: store.id }, type, via: `INSERT INTO ${type} password='s3cret'` })
  for (const key of keys) store.rows.set(`${type} ${key}`, {})
  const steps = [{ driver: '$driver', op: 'delete', v: 1, args: { type } }]
  return pending?.created(keys.length === 0 ? [] : [{ type, keys, steps, proof: { strength: 'key-only' } }], tx)
}

test('a captured resource is recorded in the caller’s scope and removed by the instance that serves its store', async () => {
  const run = await testRun()
  const scoped = run.openTest('t')
  scoped.run(() => expect(created(run, 'user', [1, 2])).toHaveLength(2))
  expect(run.folded().intents.size).toBe(0)
  const [first] = run.folded().resources.values()
  expect(first?.set).toMatchObject({
    ...{ origin: 'captured', attributed: 'test', store: { driver: 'main' }, steps: [{ driver: 'main' }] },
    source: expect.stringMatching(/sink\.test\.ts:\d+$/),
  })
  await close(scoped)
  expect(run.states()).toEqual({ 'user 1': 'removed', 'user 2': 'removed' })
})

test('scopeBegan() is the time when the test began, and undefined outside a test', async () => {
  const run = await testRun()
  const before = Date.now()
  const scoped = run.openTest('t')
  const after = Date.now()
  const began = scoped.run(() => run.sink.scopeBegan?.())
  expect(began).toBeGreaterThanOrEqual(before)
  expect(began).toBeLessThanOrEqual(after)
  expect(run.sink.scopeBegan?.()).toBeUndefined()
})

test('instruments receive the marker columns unless metadata.columns is false', async () => {
  const columns = { run: 'run', createdByTest: 'created_by_test', createdAt: 'test_created_at' }
  const marking = await testRun({ metadata: { columns: { run: 'run' } } })
  expect(marking.sink.marker).toEqual({ run: marking.main.ticket.run, columns })
  expect((await testRun({ metadata: { columns: false } })).sink.marker).toBeUndefined()
})

test('an intent is on disk without secrets before the creation, and stays unresolved without an outcome', async () => {
  const run = await testRun()
  const kind = run.session.settings.drivers[0]?.use ?? ''
  const draft = { kind, store: { id: run.store.id }, type: 'user', via: 'POST /users?token=s3cret' }
  run.openTest('t').run(() => {
    run.sink.begin(draft)
    const refused = run.sink.begin(draft)
    expect(run.folded().intents.size).toBe(2)
    refused?.none('rejected')
    created(run, 'user', [])
  })
  const [intent, ...others] = run.folded().intents.values()
  expect(others).toEqual([])
  expect(intent?.via).not.toContain('s3cret')
  const report = await run.main.end('passed')
  expect(report?.totals.unresolvedIntents).toBe(1)
})

test('an expected set is recorded once, with its keys, or as the set that was created instead', async () => {
  const run = await testRun()
  const kind = run.session.settings.drivers[0]?.use ?? ''
  const steps = [{ driver: '$driver', op: 'delete', v: 1, args: {} }]
  const [expected, other] = [7, 8].map((incarnation) => ({ incarnation, strength: 'incarnation' }) as const)
  const shape = { type: 'user', steps, proof: expected as Proof }
  run.openTest('t').run(() => {
    const pending = run.sink.begin({ kind, store: { id: run.store.id }, type: 'user', via: 'INSERT' })
    pending?.expect(shape)
    expect(run.folded().resources.size).toBe(0)
    pending?.created([
      { ...shape, keys: [1, 2], proof: other as Proof },
      { ...shape, keys: [3] },
      { ...shape, keys: [4] },
    ])
  })
  const found = [...run.folded().resources.values()].map(({ key, set }) => [key, set.proof.incarnation, set.set])
  expect(found.map(([key, incarnation]) => [key, incarnation])).toEqual([
    [1, 8],
    [2, 8],
    [3, 7],
    [4, 7],
  ])
  expect(new Set(found.map(([, , set]) => set)).size).toBe(3)
  expect(run.folded().intents.size).toBe(0)
})

test('an intent announced later has the scope and source line of the original call', async () => {
  const run = await testRun()
  const [scoped, other] = [run.openTest('t'), run.openTest('other')]
  const kind = run.session.settings.drivers[0]?.use ?? ''
  const draft = { kind, store: { id: run.store.id }, type: 'user', via: 'INSERT INTO user' }
  const query = () => {
    const begin = run.sink.beginHere(query)
    other.run(() => begin(draft))
  }
  const { stack } = scoped.run(() => [query(), new Error()] as const)[1]
  const [intent] = run.folded().intents.values()
  expect(run.folded().scopes.get(intent?.scope ?? '')?.path).toEqual(['t'])
  expect(intent?.source).toMatch(new RegExp(`:${/sink\.test\.ts:(\d+)/.exec(stack ?? '')?.[1]}$`))
})

test('an intent announced after the call has returned has its source line', async () => {
  const run = await testRun()
  const kind = run.session.settings.drivers[0]?.use ?? ''
  const query = () => run.sink.beginHere(query, 'later')
  const [begin, { stack }] = run.openTest('t').run(() => [query(), new Error()] as const)
  await Promise.resolve()
  begin({ kind, store: { id: run.store.id }, type: 'user', via: 'INSERT INTO user' })
  const [intent] = run.folded().intents.values()
  expect(intent?.source).toMatch(new RegExp(`sink\\.test\\.ts:${/sink\.test\.ts:(\d+)/.exec(stack ?? '')?.[1]}$`))
})

test('a store that no instance serves is not tracked, with one DUSTPAN_UNKNOWN_DRIVER per store', async () => {
  const run = await testRun()
  const draft = (id: string) => ({ kind: 'another-kind', store: { id }, type: 'user', via: 'x' })
  const scoped = run.openTest('t')
  scoped.run(() => {
    for (const id of ['a://1', 'a://1', 'b://2']) expect(run.sink.begin(draft(id))).toBeUndefined()
    track(row(run.store, 'user', 1))
  })
  const report = await close(scoped)
  expect(report?.warnings.map(({ code, message }) => `${code} ${/\w:\/\/\d/.exec(message)}`)).toEqual([
    'DUSTPAN_UNKNOWN_DRIVER a://1',
    'DUSTPAN_UNKNOWN_DRIVER b://2',
  ])
})

test('a warning with the same code and subject is given once, whatever its text', async () => {
  const run = await testRun()
  run.openTest('t').run(() => {
    for (const n of [1, 2]) run.sink.warn('DUSTPAN_SQL_UNPARSABLE', 'statement', `text ${n}`)
    track(row(run.store, 'user', 1))
  })
  expect(run.folded().warnings).toEqual([{ code: 'DUSTPAN_SQL_UNPARSABLE', message: 'text 1' }])
})

test('the user’s own deletes drop resources that this process recorded, by key or by type', async () => {
  const run = await testRun()
  const scoped = run.openTest('t')
  scoped.run(() => {
    created(run, 'user', [1, 2])
    created(run, 'order', [1, 2])
    run.sink.gone({ id: run.store.id }, 'user', ['1', 99])
    run.sink.gone({ id: run.store.id }, 'order', 'all')
    run.sink.gone({ id: 'elsewhere' }, 'user', 'all')
  })
  expect(run.states()).toEqual({ 'user 1': 'gone', 'user 2': 'live', 'order 1': 'gone', 'order 2': 'gone' })
})

test('a rollback drops what was created since its savepoint; deletes count once committed', async () => {
  const run = await testRun()
  run.openTest('t').run(() => {
    created(run, 'team', [1, 2])
    const one = run.sink.transaction({ id: run.store.id })
    created(run, 'user', [1], one)
    const point = one.savepoint()
    created(run, 'user', [2], one)
    run.sink.gone({ id: run.store.id }, 'team', [1], one)
    one.rollbackTo(point)
    run.sink.gone({ id: run.store.id }, 'team', [2], one)
    expect(run.states()).toMatchObject({ 'team 1': 'live', 'team 2': 'live', 'user 2': 'gone' })
    one.settle('committed')
    one.settle('rolled-back')
    const other = run.sink.transaction({ id: run.store.id })
    created(run, 'user', [3], other)
    run.sink.gone({ id: run.store.id }, 'team', [1], other)
    other.settle('rolled-back')
  })
  expect(run.states()).toEqual({
    ...{ 'team 1': 'live', 'team 2': 'gone', 'user 1': 'live', 'user 2': 'gone', 'user 3': 'gone' },
  })
})

test('known() returns what the test and its file created, newest first, and nothing of other tests', async () => {
  const run = await testRun()
  const [one, other] = [run.openTest('one'), run.openTest('other')]
  run.file.run(() => created(run, 'team', [1]))
  other.run(() => created(run, 'user', [9]))
  one.run(() => {
    created(run, 'user', [1, 2])
    expect([...run.sink.known()].map(({ type, key }) => `${type} ${key}`)).toEqual(['user 2', 'user 1', 'team 1'])
  })
})

test('untracked() captures nothing', async () => {
  const run = await testRun()
  run.openTest('t').run(() => {
    expect(run.sink.active).toBe(true)
    run.sink.untracked(() => {
      expect(run.sink.active).toBe(false)
      expect(created(run, 'user', [1])).toBeUndefined()
    })
    expect(scope().created()).toEqual([])
  })
})

test('headers() is empty when metadata.headers is off', async () => {
  const run = await testRun({ metadata: { headers: false } })
  expect(run.openTest('t').run(() => run.sink.headers())).toEqual({})
})

test('nothing is captured with DUSTPAN_DISABLED=1', async () => {
  const run = await testRun({}, { DUSTPAN_DISABLED: '1' })
  expect(run.sink.active).toBe(false)
  expect(created(run, 'user', [1])).toBeUndefined()
})

test('a closed session leaves no process instance behind', async () => {
  const { session } = await testRun()
  expect(findInstance()).toBeDefined()
  await session[Symbol.asyncDispose]()
  expect(findInstance()).toBeUndefined()
})

describe('a row that existed before a test deletes and recreates it', () => {
  test('is not tracked, but a row that the test itself created, deleted and recreated is', async () => {
    const run = await testRun()
    const store = { id: run.store.id }
    const scoped = run.openTest('t')
    scoped.run(() => {
      run.sink.removed(store, 'role', ['admin', 7])
      expect(created(run, 'role', ['admin', 'editor'])).toHaveLength(1)
      expect(created(run, 'role', ['7'])).toEqual([])
      expect(created(run, 'user', [7])).toHaveLength(1)
      run.sink.removed(store, 'role', ['editor'])
      expect(created(run, 'role', ['editor'])).toHaveLength(1)
    })
    expect(run.folded().intents.size).toBe(0)
    await close(scoped)
    expect(run.store.rows).toEqual(
      new Map([
        ['role admin', {}],
        ['role 7', {}],
      ]),
    )
  })

  test('is tracked for the next test that recreates it after its deletion', async () => {
    const run = await testRun()
    const store = { id: run.store.id }
    run.openTest('a').run(() => {
      run.sink.removed(store, 'role', ['admin'])
      created(run, 'role', ['admin'])
    })
    run.openTest('b').run(() => expect(created(run, 'role', ['admin'])).toHaveLength(1))
  })

  test('belongs to the file again when the file had created it', async () => {
    const run = await testRun()
    const store = { id: run.store.id }
    run.file.run(() => created(run, 'role', ['admin']))
    const first = run.openTest('a')
    first.run(() => {
      run.sink.removed(store, 'role', ['admin'])
      created(run, 'role', ['admin', 'own'])
    })
    await close(first)
    expect([...run.store.rows.keys()]).toEqual(['role admin'])
    await close(run.file)
    expect(run.store.rows.size).toBe(0)
    const states = [...run.folded().resources.values()].map(({ key, state }) => `${key} ${state}`)
    expect([states, run.folded().intents.size]).toEqual([['admin gone', 'admin removed', 'own removed'], 0])
  })

  test('is untouched by a rolled-back delete, and not tracked after one in the same transaction', async () => {
    const run = await testRun()
    const store = { id: run.store.id }
    run.openTest('t').run(() => {
      const rolledBack = run.sink.transaction(store)
      run.sink.removed(store, 'role', ['admin'], rolledBack)
      rolledBack.settle('rolled-back')
      // The delete was rolled back, so this creation is tracked.
      expect(created(run, 'role', ['admin'])).toHaveLength(1)

      const second = run.sink.transaction(store)
      run.sink.removed(store, 'role', ['guest'], second)
      const point = second.savepoint()
      expect(created(run, 'role', ['guest'], second)).toEqual([])
      second.rollbackTo(point)
      expect(created(run, 'role', ['guest'], second)).toEqual([])
      second.settle('committed')
    })
  })
})

test('a commit is announced once, and only if the transaction created something', async () => {
  const run = await testRun()
  const store = { id: run.store.id }
  run.openTest('t').run(() => {
    const tx = run.sink.transaction(store, { announced: true })
    tx.committing()
    created(run, 'role', ['admin'], tx)
    expect(run.folded().openTransactions).toEqual(new Set([tx.id]))
    tx.committing()
    tx.committing()
    expect(run.folded().openTransactions.size).toBe(0)
    tx.settle('committed')
  })
  const journals = readRun(run.dir, run.main.ticket.run)
  expect(journals.flatMap(({ events }) => events).filter(({ e }) => e === 'tx.committing')).toHaveLength(1)
})

test('a commit sent before its creations are known counts as announced', async () => {
  const run = await testRun()
  run.openTest('t').run(() => {
    const tx = run.sink.transaction({ id: run.store.id }, { announced: true })
    tx.committing(true)
    created(run, 'role', ['admin'], tx)
    expect(run.folded().openTransactions.size).toBe(0)
    tx.settle('committed')
  })
})
