import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { EventBody } from '../../src/ledger/events.ts'
import { foldRun } from '../../src/ledger/fold.ts'
import { openJournal } from '../../src/ledger/journal.ts'
import { thisProcess } from '../../src/ledger/process-identity.ts'
import { readRun } from '../../src/ledger/read.ts'
import { recoverRun } from '../../src/recovery/recover-run.ts'
import type { Json } from '../../src/resource/resource.ts'
import { runMetadata } from '../../src/tracking/metadata.ts'
import { quickSettings, scratchFolder } from '../settings.ts'

const run = 'r1'
/** More than any system gives. */
const nobodysPid = 2 ** 31 - 1
const store = { driver: 'main', id: 'scripted://localhost/shop' }

const opened = (scope: string, kind: 'file' | 'test', within?: string): EventBody => ({
  ...{ e: 'scope.opened', scope, kind, attempt: 0, file: scope, path: kind === 'test' ? [scope] : [] },
  ...(within === undefined ? {} : { in: within }),
})

const begun = (intent: string, scope: string, marker?: string): EventBody => ({
  ...{ e: 'create.intended', intent, scope, store, type: 'users', via: 'INSERT INTO users', at: 0 },
  ...(marker === undefined ? {} : { marker }),
})

const recorded = (key: Json, more: object = {}): EventBody => ({
  ...{ e: 'created', scope: 'w-t1', set: `w-${String(key)}`, type: 'users', keys: [key], store },
  steps: [{ driver: 'main', op: 'delete-row', v: 1, args: { table: 'users' } }],
  ...{ proof: { strength: 'key-only' }, lifetime: 'test', origin: 'captured', attributed: 'test' },
  ...more,
})

const tests = [
  opened('w-a', 'file'),
  opened('w-t1', 'test', 'w-a'),
  opened('w-t2', 'test', 'w-a'),
  opened('w-b', 'file'),
  opened('w-t3', 'test', 'w-b'),
]

/** What a dead process has left on record, recovered: what is on record then, by key, and the intents that are open still. */
async function recovered(events: readonly EventBody[], options: object, cleanup = {}) {
  const use = join(import.meta.dirname, 'resolving-driver.ts')
  const settings = { ...quickSettings({ cleanup }, {}, scratchFolder()), drivers: [{ use, name: 'main', options }] }
  const identity = { ...thisProcess(), pid: nobodysPid, writer: 'w', run, role: 'worker', runner: 'test' } as const
  const journal = openJournal(settings.dir, { e: 'writer', ...identity, metadata: runMetadata(settings, {}) })
  for (const event of [...tests, ...events]) journal.append(event)
  journal.close()
  await recoverRun(settings, run, { role: 'cli', runner: 'dustpan orphans' })
  const { resources, intents, warnings } = foldRun(run, readRun(settings.dir, run))
  const all = [...resources.values()].map(({ key, state, set, why }) => [key, state, set.origin, set.attributed, why])
  return { all, open: [...intents.keys()], warnings: warnings.map(({ message }) => message) }
}

test('what the tests of two files may have made is the run’s, and stays where the things of one of them do', async () => {
  const events = [begun('w-1', 'w-t1'), begun('w-2', 'w-t3')]
  const options = { ends: { 'w-1': 'over', 'w-2': 'over' }, marked: { users: [7] } }
  const kept = await recovered(events, options, { strategy: 'conditional' })
  expect(kept.all).toEqual([[7, 'kept', 'collected', 'run', 'a test whose resources are kept may have created it']])
  expect([kept.open, kept.warnings]).toEqual([[], [expect.stringContaining('attributed to the run, as several tests')]])
  expect((await recovered(events, options)).all).toEqual([[7, 'removed', 'collected', 'run', undefined]])
})

test('what two tests of a file may have made is the file’s', async () => {
  const { all } = await recovered([begun('w-1', 'w-t1'), begun('w-2', 'w-t2')], {
    ends: { 'w-1': 'over', 'w-2': 'over' },
    marked: { users: [7] },
  })
  expect(all).toEqual([[7, 'removed', 'collected', 'file', undefined]])
})

const elsewhere = { store: { driver: 'api', id: 'http://localhost:1' }, type: 'user', steps: [] }

test.each<[string, readonly EventBody[], boolean]>([
  ['has on record', [recorded('a', elsewhere)], false],
  ['is to keep', [recorded('a', { ...elsewhere, lifetime: 'persistent' })], false],
  ['had forgotten', [recorded('a', elsewhere), { e: 'forgotten', ids: ['w-a.0'], by: 'cli' }], false],
  ['has no more', [recorded('a', elsewhere), { e: 'gone', ids: ['w-a.0'], by: 'user' }], true],
  ['has of another kind', [recorded('a', { ...elsewhere, type: 'order' })], true],
  ['has by a key that is on record here, too', [recorded(5), recorded('5', { ...elsewhere, set: 'w-x' })], true],
  ['only knows', [recorded(1, { ...elsewhere, set: 'w-x', shared: true })], false],
  [
    'only knows, where both know another by one key',
    [recorded(5), recorded('5', { ...elsewhere, set: 'w-x' }), recorded(1, { ...elsewhere, shared: true })],
    true,
  ],
  [
    'has by a key that another scope has on record here',
    [recorded(5, { scope: 'w-t2' }), recorded('5', { ...elsewhere, set: 'w-x' })],
    false,
  ],
  [
    'has by a key that was changed here',
    [recorded(5, { changed: { before: {} } }), recorded('5', { ...elsewhere, set: 'w-x' })],
    false,
  ],
  [
    'has by another key, though both know one by the same',
    [recorded(5), recorded('5', { ...elsewhere, set: 'w-x' }), recorded('a', elsewhere)],
    false,
  ],
])('what another store %s may be the same thing: then nothing is said', async (_, before, isFound) => {
  const { all, open, warnings } = await recovered([begun('w-1', 'w-t1'), ...before], {
    ends: { 'w-1': 'over' },
    marked: { users: [7] },
  })
  expect(all.filter(([, , origin]) => origin === 'collected')).toHaveLength(isFound ? 1 : 0)
  expect(open).toEqual(isFound ? [] : ['w-1'])
  expect(warnings.filter((text) => text.includes('never answered'))).toHaveLength(isFound ? 1 : 0)
})

test('a create that was begun without the mark is not struck off for what one that was begun with it has made', async () => {
  const { all, open } = await recovered([begun('w-1', 'w-t1'), begun('w-2', 'w-t1', run)], {
    ends: { 'w-1': 'over', 'w-2': 'over' },
    marked: { users: [7] },
  })
  expect([all.length, open]).toEqual([1, ['w-1']])
})

test.each<[string, readonly EventBody[], boolean]>([
  ['is on record', [recorded(7)], true],
  ['is on record as a text', [recorded('7')], true],
  ['is on record by hand, under another name', [recorded(7, { type: 'customer' })], true],
  [
    'may be what a statement of the user’s removes',
    [recorded(7, { type: 'x', steps: [{ driver: 'main', op: 'sql', v: 1, args: {} }] })],
    true,
  ],
  [
    'is on record of another table',
    [recorded(7, { type: 'orders', steps: [{ driver: 'main', op: 'delete-row', v: 1, args: { table: 'orders' } }] })],
    false,
  ],
  ['was forgotten', [recorded(7), { e: 'forgotten', ids: ['w-7.0'], by: 'cli' }], true],
  ['has the key of one that was deleted', [recorded(7), { e: 'gone', ids: ['w-7.0'], by: 'user' }], false],
])('a row that %s', async (_, before, isKnown) => {
  const { all } = await recovered([begun('w-1', 'w-t1'), ...before], {
    ends: { 'w-1': 'over' },
    marked: { users: [7] },
  })
  expect(all.filter(([, , origin]) => origin === 'collected')).toHaveLength(isKnown ? 0 : 1)
})

test('as long as somebody is at work, nothing is said', async () => {
  const { all, open } = await recovered([begun('w-1', 'w-t1', run)], {
    ends: { 'w-1': 'at work' },
    marked: { users: [7] },
  })
  expect([all, open]).toEqual([[], ['w-1']])
})

test('where nobody can say who is at work: one create is found, of several none is struck off', async () => {
  const one = await recovered([begun('w-1', 'w-t1')], { marked: { users: [7] } })
  expect([one.all.length, one.open]).toEqual([1, []])
  const two = await recovered([begun('w-1', 'w-t1'), begun('w-2', 'w-t1')], { marked: { users: [7] } })
  expect([two.all.length, two.open]).toEqual([1, ['w-1', 'w-2']])
})

test('it is not there: certain only where its mark would have told', async () => {
  const options = { ends: { 'w-1': 'over', 'w-2': 'over' }, marked: { users: [] } }
  const { open } = await recovered([begun('w-1', 'w-t1', run), begun('w-2', 'w-t1')], options)
  expect(open).toEqual(['w-2'])
  expect((await recovered([begun('w-1', 'w-t1', run)], { ends: { 'w-1': 'over' }, marked: {} })).open).toEqual(['w-1'])
})

test('a run that ended while a request was under way: what the application wrote for it since is in its log', async () => {
  const ended: EventBody = { e: 'run.ended', reason: 'interrupted' }
  const request: EventBody = Object.assign(begun('w-1', 'w-t1'), elsewhere, { via: 'POST /users' })
  const options = { marked: {}, logged: [7], unnamed: [8] }
  const { all, open } = await recovered([request, ended], options)
  expect(all).toEqual([[7, 'removed', 'collected', 'test', undefined]])
  expect(open).toEqual(['w-1'])
  expect((await recovered([request, { e: 'create.none', intent: 'w-1', why: 'x' }, ended], options)).all).toEqual([])
})
