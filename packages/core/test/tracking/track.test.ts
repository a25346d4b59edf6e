import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { readRun } from '../../src/journal/read.ts'
import { scope, temporaryFolder, track } from '../../src/tracking/facade.ts'
import type { TrackInput } from '../../src/tracking/track-input.ts'
import { close, row, testRun } from '../run.ts'

const remove = { table: 'user', store: 'main' }

test.each<[title: string, input: unknown, expected: string, got: string]>([
  ['nothing', undefined, 'expected an object', 'got undefined'],
  ['a string', 'user', 'expected an object', "got 'user'"],
  ['a list', [], 'expected an object', 'got []'],
  ['no type', { id: 1, remove }, 'expected type to be a non-empty string', 'got undefined'],
  ['an empty type', { type: '', id: 1, remove }, 'expected type to be a non-empty string', "got ''"],
  [
    'an unknown option',
    { type: 'user', id: 1, remov: 'x' },
    'expected its options to be type, id, ids, remove',
    'got "remov"',
  ],
  ['no id', { type: 'user', remove }, 'expected either id or ids', 'got neither'],
  ['id and ids', { type: 'user', id: 1, ids: [2], remove }, 'expected either id or ids', 'got both'],
  [
    'an id of null',
    { type: 'user', id: null, remove },
    'expected id to be a string, a number or an array of them',
    'got null',
  ],
  ['an empty id', { type: 'user', id: '', remove }, 'expected id to be a string', "got ''"],
  ['an id that is NaN', { type: 'user', id: Number.NaN, remove }, 'expected id to be a string', 'got NaN'],
  ['an id that is an object', { type: 'user', id: { id: 1 }, remove }, 'expected id to be a string', 'got { id: 1 }'],
  ['an empty composite id', { type: 'user', id: [], remove }, 'expected id to be a string', 'got []'],
  ['a bigint', { type: 'user', id: 7n, remove }, 'expected id to be a string', 'got 7n'],
  ['ids that are a string', { type: 'user', ids: 'a', remove }, 'expected ids to be an array of ids', "got 'a'"],
  [
    'one wrong id of several',
    { type: 'user', ids: [1, undefined], remove },
    'expected ids[1] to be a string',
    'got undefined',
  ],
  ['no removal', { type: 'user', id: 1 }, 'expected remove', "for example 'DELETE /users/{id}'"],
  ['a removal that is a number', { type: 'user', id: 1, remove: 7 }, 'expected remove to be a request', 'got 7'],
  [
    'a removal that cannot be written',
    { type: 'user', id: 1, remove: { ...remove, at: 7n } },
    'remove expected plain data',
    '7n',
  ],
  [
    'a date in a removal',
    { type: 'user', id: 1, remove: { ...remove, at: new Date(0) } },
    'remove expected plain data',
    '1970',
  ],
  [
    'a wrong fallback',
    { type: 'user', id: 1, remove, fallback: [null] },
    'expected fallback to be a request',
    'got [ null ]',
  ],
  [
    'children that are an object',
    { type: 'user', id: 1, remove, children: {} },
    'expected children to be a list',
    'got {}',
  ],
  [
    'a child without removal',
    { type: 'user', id: 1, remove, children: [{ type: 'a' }] },
    'expected children to be a list',
    'got',
  ],
  [
    'a child with an unknown option',
    { type: 'user', id: 1, remove, children: [{ type: 'a', remove, id: 1 }] },
    'expected children to be',
    'got',
  ],
  [
    'a wrong dependency',
    { type: 'user', id: 1, remove, dependsOn: 7 },
    'expected dependsOn to be what track() returned',
    'got 7',
  ],
  [
    'a dependency that is null',
    { type: 'user', id: 1, remove, dependsOn: [null] },
    'expected dependsOn to be',
    'got [ null ]',
  ],
  [
    'shared that is a string',
    { type: 'user', id: 1, remove, shared: 'yes' },
    'expected shared to be true or false',
    "got 'yes'",
  ],
  [
    'an unknown lifetime',
    { type: 'user', id: 1, remove, lifetime: 'long' },
    'expected lifetime to be one of test, file',
    "got 'long'",
  ],
  [
    'tags that are a string',
    { type: 'user', id: 1, remove, tags: 'a' },
    'expected tags to be a list of strings',
    "got 'a'",
  ],
  [
    'metadata with a function',
    { type: 'user', id: 1, remove, metadata: { a: () => 1 } },
    'expected metadata to be an object of JSON',
    'got {',
  ],
  [
    'metadata that is a list',
    { type: 'user', id: 1, remove, metadata: [] },
    'expected metadata to be an object of JSON',
    'got []',
  ],
  [
    'an invalid expiry',
    { type: 'user', id: 1, remove, expiresIn: 'soon' },
    "expected expiresIn to be a duration such as '2h'",
    "got 'soon'",
  ],
  [
    'an expiry beyond the limit',
    { type: 'user', id: 1, remove, expiresIn: '2d', lifetime: 'run' },
    'expected expiresIn to be at most 24h',
    'got "2d"',
  ],
])('track() with %s throws DUSTPAN_INVALID_ARGUMENT and records nothing', async (_, input, expected, got) => {
  const { openTest, dir } = await testRun()
  const call = () => openTest('t').run(() => track(input as TrackInput))
  expect(call).toThrow(TypeError)
  expect(call).toThrow(expect.objectContaining({ code: 'DUSTPAN_INVALID_ARGUMENT' }))
  expect(call).toThrow(expected)
  expect(call).toThrow(got)
  expect(existsSync(dir)).toBe(false)
})

test.each<[string, TrackInput, string]>([
  ['a store', { type: 'user', id: 1, remove: { table: 'user', store: 'other' } }, 'DUSTPAN_UNKNOWN_DRIVER'],
  ['a cleaner', { type: 'user', id: 1, remove: { cleaner: 'other' } }, 'DUSTPAN_UNKNOWN_CLEANER'],
  [
    'a store in a child',
    { type: 'user', id: 1, remove, children: [{ type: 'a', remove: { store: 'other' } }] },
    'DUSTPAN_UNKNOWN_DRIVER',
  ],
  ['a store in a fallback', { type: 'user', id: 1, remove, fallback: { store: 'other' } }, 'DUSTPAN_UNKNOWN_DRIVER'],
])('%s that is not configured is refused by track(), and nothing is recorded', async (_, input, code) => {
  const { openTest, dir } = await testRun()
  expect(() => openTest('t').run(() => track(input))).toThrow(expect.objectContaining({ code }))
  expect(existsSync(dir)).toBe(false)
})

test('the error for a wrong argument contains no secret', async () => {
  const { openTest } = await testRun()
  const bad = { type: 'user', id: 1, remove: [{ authorization: 'Bearer s3cret-s3cret', url: 'http://me:s3cret@x' }] }
  expect(() => openTest('t').run(() => track(bad as never))).not.toThrow('s3cret')
})

test.each([
  ['track()', () => track({ type: 'user', id: 1, remove })],
  ['scope()', () => scope()],
  ['temporaryFolder()', () => temporaryFolder()],
])('%s outside a run throws DUSTPAN_NO_SCOPE', (name, call) => {
  expect(call).toThrow(
    expect.objectContaining({
      code: 'DUSTPAN_NO_SCOPE',
      message: `${name} was called outside a test, file or run.`,
    }),
  )
})

test('the record is on disk with all its fields when track() returns', async () => {
  const { openTest, dir, main } = await testRun()
  const { id, ids } = openTest('t').run(() =>
    track({
      type: 'user',
      ids: [1, 'b', ['c', 2]],
      remove,
      tags: ['staging'],
      metadata: { a: { b: [1, null] } },
      lifetime: 'file',
      expiresIn: '2h',
    }),
  )
  const created = readRun(dir, main.ticket.run)[0]?.events.find(({ e }) => e === 'created')
  expect(created).toMatchObject({
    ...{
      type: 'user',
      keys: [1, 'b', ['c', 2]],
      tags: ['staging'],
      metadata: { a: { b: [1, null] } },
      lifetime: 'file',
    },
    ...{ origin: 'tracked', attributed: 'test', proof: { strength: 'key-only' }, store: { driver: 'main' } },
    expiresAt: expect.any(Number),
    source: expect.stringMatching(/track\.test\.ts:\d+$/),
  })
  expect(ids).toHaveLength(3)
  expect(id).toBe(ids[0])
})

test('an empty batch is accepted and records nothing', async () => {
  const { openTest, dir } = await testRun()
  expect(openTest('t').run(() => track({ type: 'user', ids: [], remove })).ids).toEqual([])
  expect(existsSync(dir)).toBe(false)
})

test('changing an argument after track() does not change the record', async () => {
  const { openTest, store, states } = await testRun()
  const scoped = openTest('t')
  const ids = [1]
  row(store, 'user', 1)
  scoped.run(() => track({ type: 'user', ids, remove }))
  ids.push(2)
  await close(scoped)
  expect(states()).toEqual({ 'user 1': 'removed' })
})

test('children are removed before their parent, the last declared first', async () => {
  const { openTest, store } = await testRun()
  const scoped = openTest('t')
  for (const type of ['user', 'order', 'cart', 'session']) row(store, type, 7)
  const children = ['order', 'cart', 'session'].map((type) => ({ type, remove: { table: type, store: 'main' } }))
  scoped.run(() => track({ type: 'user', id: 7, remove, children }))
  await close(scoped)
  expect(store.calls.filter((call) => call.startsWith('remove'))).toEqual([
    'remove session 7',
    'remove cart 7',
    'remove order 7',
    'remove user 7',
  ])
})

test('children are not removed with cascade off, nor are those of a shared resource', async () => {
  for (const [config, shared] of [
    [{ cleanup: { cascade: false } }, false],
    [{}, true],
  ] as const) {
    const { openTest, store, states } = await testRun(config)
    const scoped = openTest('t')
    row(store, 'user', 7)
    row(store, 'order', 7)
    scoped.run(() =>
      track({
        type: 'user',
        id: 7,
        remove,
        shared,
        children: [{ type: 'order', remove: { table: 'order', store: 'main' } }],
      }),
    )
    await close(scoped)
    expect(states()).toEqual({ 'user 7': shared ? 'shared' : 'removed' })
    expect(store.rows.has('order 7')).toBe(true)
  }
})

test('a parent is kept when removing its child fails', async () => {
  const { openTest, store, states } = await testRun()
  const scoped = openTest('t')
  row(store, 'user', 7)
  scoped.run(() =>
    track({
      ...{ type: 'user', id: 7, remove },
      children: [
        {
          type: 'session',
          remove: () => {
            throw new Error('no')
          },
        },
      ],
    }),
  )
  await close(scoped)
  expect(states()).toEqual({ 'session 7': 'failed', 'user 7': 'refused' })
})

test('dependsOn accepts handles, ids and lists of both', async () => {
  const { openTest, store } = await testRun({ cleanup: { order: 'forward' } })
  const scoped = openTest('t')
  scoped.run(() => {
    const team = track(row(store, 'team', 1))
    const users = track({ type: 'user', ids: [1, 2], remove })
    row(store, 'user', 1)
    row(store, 'user', 2)
    track({ ...row(store, 'cart', 1), dependsOn: [users, team.id] })
    track({ ...row(store, 'note', 1), dependsOn: team })
  })
  await close(scoped)
  const removed = store.calls.filter((call) => call.startsWith('remove'))
  const callOf = (name: string) => removed.findIndex((call) => call.includes(name))
  expect(callOf('cart 1')).not.toBe(-1)
  expect(callOf('cart 1')).toBeLessThan(callOf('user 1'))
  expect(callOf('cart 1')).toBeLessThan(callOf('user 2'))
  expect(callOf('cart 1')).toBeLessThan(callOf('team 1'))
  expect(callOf('note 1')).toBeLessThan(callOf('team 1'))
})

test('forget() drops the record and its children, and removes nothing', async () => {
  const { openTest, store, states } = await testRun()
  const scoped = openTest('t')
  scoped.run(() => {
    row(store, 'order', 1)
    const handle = track({
      ...row(store, 'user', 1),
      children: [{ type: 'order', remove: { table: 'order', store: 'main' } }],
    })
    track(row(store, 'user', 2))
    handle.forget()
    handle.forget()
    expect(scope().created()).toMatchObject([{ key: 2 }])
  })
  await close(scoped)
  expect(states()).toEqual({ 'user 2': 'removed' })
  expect([...store.rows.keys()]).toEqual(['order 1', 'user 1'])
})

test('list() tracks each id as it is added', async () => {
  const { openTest, store, states } = await testRun()
  const scoped = openTest('t')
  scoped.run(() => {
    const users = scope().list({ type: 'user', remove })
    for (const id of [1, 2, 3]) {
      row(store, 'user', id)
      users.add(id)
    }
    users.add()
  })
  await close(scoped)
  expect(states()).toEqual({ 'user 1': 'removed', 'user 2': 'removed', 'user 3': 'removed' })
})

test('DUSTPAN_DISABLED=1 returns a handle, records nothing and removes nothing', async () => {
  const { openTest, store, dir, main } = await testRun({}, { DUSTPAN_DISABLED: '1' })
  const scoped = openTest('t')
  let folder = ''
  scoped.run(() => {
    const handle = track({ ...row(store, 'user', 1), children: [{ type: 'a', remove: () => 1 }] })
    expect(handle.ids).toHaveLength(1)
    handle.forget()
    folder = temporaryFolder()
    expect(existsSync(folder)).toBe(true)
    expect(scope().created()).toEqual([])
  })
  expect(await close(scoped)).toBeUndefined()
  expect(await main.end('passed')).toBeUndefined()
  expect(existsSync(dir)).toBe(false)
  expect(existsSync(folder)).toBe(true)
  expect([...store.rows.keys()]).toEqual(['user 1'])
})

test('fake timers change neither the record’s time nor the cleanup', async () => {
  const { openTest, store, states, folded } = await testRun()
  const scoped = openTest('t')
  vi.useFakeTimers({ now: 0 })
  try {
    scoped.run(() => track(row(store, 'user', 1)))
    await close(scoped)
  } finally {
    vi.useRealTimers()
  }
  expect(states()).toEqual({ 'user 1': 'removed' })
  expect([...folded().resources.values()][0]?.createdAt).toBeGreaterThan(1_700_000_000_000)
})

test('an unwritable ledger warns once with DUSTPAN_LEDGER_UNWRITABLE, and resources are still removed', async () => {
  const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  onTestFinished(() => stderr.mockRestore())
  const { openTest, store, root } = await testRun({}, { DUSTPAN_DIR: '/dev/null/ledger' })
  const scoped = openTest('t')
  scoped.run(() => track(row(store, 'user', 1)))
  const report = await close(scoped)
  expect(report?.warnings).toEqual([expect.objectContaining({ code: 'DUSTPAN_LEDGER_UNWRITABLE' })])
  expect(stderr.mock.calls.join().match(/dustpan: DUSTPAN_LEDGER_UNWRITABLE: /g)).toHaveLength(1)
  expect(report?.totals.removed).toBe(1)
  expect(existsSync(join(root, '.dustpan'))).toBe(false)
})

test('a removal with credentials in it is refused, and they are not written to the journal', async () => {
  const { openTest, dir, main } = await testRun()
  const removals = [
    { url: 'http://localhost:1/u/{id}', headers: { authorization: 'Bearer s3cret' } },
    'DELETE http://me:s3cret@localhost:1/u/{id}',
    'DELETE http://localhost:1/u/{id}?api_key=s3cret',
  ]
  openTest('t').run(() => {
    for (const remove of removals) {
      expect(() => track({ type: 'u', id: 1, remove })).toThrow(
        expect.objectContaining({
          code: 'DUSTPAN_INVALID_ARGUMENT',
          message: expect.not.stringContaining('s3cret'),
          hint: expect.stringContaining('`auth`'),
        }),
      )
    }
    track({ type: 'u', id: 2, remove: 'DELETE http://localhost:1/u/{id}' })
  })
  const [journal] = readRun(dir, main.ticket.run)
  expect(readFileSync(journal?.file ?? '', 'utf8')).not.toContain('s3cret')
})
