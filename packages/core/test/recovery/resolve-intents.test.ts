import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { EventBody } from '../../src/journal/events.ts'
import { openJournal } from '../../src/journal/journal.ts'
import { readRun } from '../../src/journal/read.ts'
import { foldRun } from '../../src/ledger/fold.ts'
import { thisProcess } from '../../src/processes/process-identity.ts'
import { recoverRun } from '../../src/recovery/recover-run.ts'
import type { Json } from '../../src/resource/resource.ts'
import { runMetadata } from '../../src/tracking/metadata.ts'
import { quickSettings, scratchFolder } from '../settings.ts'

const run = 'r1'
/** Larger than any system's process ids. */
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

/** Recovers a dead process's records: the recorded resources, the open intents and the warnings. */
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

test('a row that tests of two files may have created belongs to the run, and is kept if one of those tests is', async () => {
  const events = [begun('w-1', 'w-t1'), begun('w-2', 'w-t3')]
  const options = { ends: { 'w-1': 'over', 'w-2': 'over' }, marked: { users: [7] } }
  const kept = await recovered(events, options, { strategy: 'conditional' })
  expect(kept.all).toEqual([[7, 'kept', 'collected', 'run', 'a test whose resources are kept may have created it']])
  expect([kept.open, kept.warnings]).toEqual([[], [expect.stringContaining('attributed to the run, as several tests')]])
  expect((await recovered(events, options)).all).toEqual([[7, 'removed', 'collected', 'run', undefined]])
})

test('a row that two tests of a file may have created belongs to the file', async () => {
  const { all } = await recovered([begun('w-1', 'w-t1'), begun('w-2', 'w-t2')], {
    ends: { 'w-1': 'over', 'w-2': 'over' },
    marked: { users: [7] },
  })
  expect(all).toEqual([[7, 'removed', 'collected', 'file', undefined]])
})

const elsewhere = { store: { driver: 'api', id: 'http://localhost:1' }, type: 'user', steps: [] }

test.each<[string, readonly EventBody[], boolean]>([
  ['is live is not collected', [recorded('a', elsewhere)], false],
  ['is persistent is not collected', [recorded('a', { ...elsewhere, lifetime: 'persistent' })], false],
  ['was forgotten is not collected', [recorded('a', elsewhere), { e: 'forgotten', ids: ['w-a.0'], by: 'cli' }], false],
  ['was deleted by the user is collected', [recorded('a', elsewhere), { e: 'gone', ids: ['w-a.0'], by: 'user' }], true],
  ['is of another type is collected', [recorded('a', { ...elsewhere, type: 'order' })], true],
  [
    'has a key that is on record here too is collected',
    [recorded(5), recorded('5', { ...elsewhere, set: 'w-x' })],
    true,
  ],
  ['is shared is not collected', [recorded(1, { ...elsewhere, set: 'w-x', shared: true })], false],
  [
    'is shared, while another key is on record in both, is collected',
    [recorded(5), recorded('5', { ...elsewhere, set: 'w-x' }), recorded(1, { ...elsewhere, shared: true })],
    true,
  ],
  [
    'has a key that another scope has on record here is not collected',
    [recorded(5, { scope: 'w-t2' }), recorded('5', { ...elsewhere, set: 'w-x' })],
    false,
  ],
  [
    'has a key that was changed here is not collected',
    [recorded(5, { changed: { before: {} } }), recorded('5', { ...elsewhere, set: 'w-x' })],
    false,
  ],
  [
    'has another key, while one key is on record in both, is not collected',
    [recorded(5), recorded('5', { ...elsewhere, set: 'w-x' }), recorded('a', elsewhere)],
    false,
  ],
])('a marked row beside a resource of another store that %s', async (_, before, isFound) => {
  const { all, open, warnings } = await recovered([begun('w-1', 'w-t1'), ...before], {
    ends: { 'w-1': 'over' },
    marked: { users: [7] },
  })
  expect(all.filter(([, , origin]) => origin === 'collected')).toHaveLength(isFound ? 1 : 0)
  expect(open).toEqual(isFound ? [] : ['w-1'])
  expect(warnings.filter((text) => text.includes('never answered'))).toHaveLength(isFound ? 1 : 0)
})

test('an unmarked create stays open when a marked one has produced the row', async () => {
  const { all, open } = await recovered([begun('w-1', 'w-t1'), begun('w-2', 'w-t1', run)], {
    ends: { 'w-1': 'over', 'w-2': 'over' },
    marked: { users: [7] },
  })
  expect([all.length, open]).toEqual([1, ['w-1']])
})

test.each<[string, readonly EventBody[], boolean]>([
  ['is on record is not collected', [recorded(7)], true],
  ['is on record with a string key is not collected', [recorded('7')], true],
  ['is tracked by hand under another type is not collected', [recorded(7, { type: 'customer' })], true],
  [
    'may be removed by the user’s own statement is not collected',
    [recorded(7, { type: 'x', steps: [{ driver: 'main', op: 'sql', v: 1, args: {} }] })],
    true,
  ],
  [
    'has the key of a row in another table is collected',
    [recorded(7, { type: 'orders', steps: [{ driver: 'main', op: 'delete-row', v: 1, args: { table: 'orders' } }] })],
    false,
  ],
  ['was forgotten is not collected', [recorded(7), { e: 'forgotten', ids: ['w-7.0'], by: 'cli' }], true],
  ['has the key of a deleted row is collected', [recorded(7), { e: 'gone', ids: ['w-7.0'], by: 'user' }], false],
])('a marked row that %s', async (_, before, isKnown) => {
  const { all } = await recovered([begun('w-1', 'w-t1'), ...before], {
    ends: { 'w-1': 'over' },
    marked: { users: [7] },
  })
  expect(all.filter(([, , origin]) => origin === 'collected')).toHaveLength(isKnown ? 0 : 1)
})

test('nothing is collected while the create may still be running', async () => {
  const { all, open } = await recovered([begun('w-1', 'w-t1', run)], {
    ends: { 'w-1': 'at work' },
    marked: { users: [7] },
  })
  expect([all, open]).toEqual([[], ['w-1']])
})

test('with unknown activity one create is settled by its row, several stay open', async () => {
  const one = await recovered([begun('w-1', 'w-t1')], { marked: { users: [7] } })
  expect([one.all.length, one.open]).toEqual([1, []])
  const two = await recovered([begun('w-1', 'w-t1'), begun('w-2', 'w-t1')], { marked: { users: [7] } })
  expect([two.all.length, two.open]).toEqual([1, ['w-1', 'w-2']])
})

test('a create without a row is settled only if the row would have been marked', async () => {
  const options = { ends: { 'w-1': 'over', 'w-2': 'over' }, marked: { users: [] } }
  const { open } = await recovered([begun('w-1', 'w-t1', run), begun('w-2', 'w-t1')], options)
  expect(open).toEqual(['w-2'])
  expect((await recovered([begun('w-1', 'w-t1', run)], { ends: { 'w-1': 'over' }, marked: {} })).open).toEqual(['w-1'])
})

test('a request open at the end of an interrupted run collects rows from the application’s log', async () => {
  const ended: EventBody = { e: 'run.ended', reason: 'interrupted' }
  const request: EventBody = Object.assign(begun('w-1', 'w-t1'), elsewhere, { via: 'POST /users' })
  const options = { marked: {}, logged: [7], unnamed: [8] }
  const { all, open } = await recovered([request, ended], options)
  expect(all).toEqual([[7, 'removed', 'collected', 'test', undefined]])
  expect(open).toEqual(['w-1'])
  expect((await recovered([request, { e: 'create.none', intent: 'w-1', why: 'x' }, ended], options)).all).toEqual([])
})
