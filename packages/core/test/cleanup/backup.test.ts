import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { DustpanConfig } from '../../src/config/config.ts'
import { DustpanError } from '../../src/errors/dustpan-error.ts'
import { track } from '../../src/index.ts'
import { type LedgerRun, openLedgerRun } from '../../src/ledger.ts'
import type { Resource } from '../../src/resource/resource.ts'
import { close, row, type TestRun, testRun } from '../run.ts'
import type { ScriptedStore } from '../scripted-store.ts'
import { quickSettings } from '../settings.ts'

const backupOn: DustpanConfig = { cleanup: { backup: true } }

async function startRun(config: DustpanConfig = backupOn, change: Partial<ScriptedStore> = { backs: true }) {
  const run = await testRun(config)
  Object.assign(run.store, change)
  return { run, folder: join(run.dir, 'runs', run.main.ticket.run, 'backups') }
}

/** Runs a test that creates these rows, and closes its scope. */
async function testWith(
  { openTest, store }: TestRun,
  rows: readonly (readonly [string, number, string?])[],
  title = 't',
) {
  const scope = openTest(title)
  scope.run(() => {
    for (const [type, id, parent] of rows) track(row(store, type, id, parent))
  })
  for (const [type, id] of rows) Object.assign(store.rows.get(`${type} ${id}`) ?? {}, { text: `secret ${type} ${id}` })
  return close(scope)
}

/** Opens the run as the command line does. */
async function opened({ root, main, store }: TestRun): Promise<LedgerRun> {
  const drivers = [
    { use: join(import.meta.dirname, '../scripted-store.ts'), name: 'main', options: { store: store.id } },
  ]
  const settings = quickSettings({ drivers }, {}, root)
  const run = await openLedgerRun(settings, { run: main.ticket.run, runner: 'dustpan restore' }, 'cli')
  if (!run) throw new Error('no run')
  onTestFinished(() => run[Symbol.asyncDispose]())
  return run
}

async function restored(run: TestRun, meant: (resource: Resource) => boolean = () => true): Promise<readonly string[]> {
  const ledger = await opened(run)
  const resources = [...ledger.folded().resources.values()].filter(meant)
  const outcomes = await ledger.restore(resources)
  ledger.writeReport()
  return resources.map(({ id, set, key }) => {
    const outcome = outcomes.get(id)
    return `${set.type} ${key}: ${outcome?.state} ${outcome?.state === 'restored' ? outcome.result : outcome?.error.message}`
  })
}

const linesIn = (folder: string) =>
  readdirSync(folder).flatMap((name) => readFileSync(join(folder, name), 'utf8').trim().split('\n'))

test('no backup is read or written unless it is configured', async () => {
  const { run, folder } = await startRun({})
  await testWith(run, [['user', 1]])
  expect(run.store.calls).toEqual(['connect', 'remove user 1'])
  expect(() => statSync(folder)).toThrow('ENOENT')
})

test('a resource is backed up to a private file before its removal; only the backup has its data', async () => {
  const { run, folder } = await startRun()
  run.store.script.remove = () => expect(linesIn(folder).length).toBe(2)
  const report = await testWith(run, [
    ['user', 1],
    ['user', 2],
  ])
  expect(run.store.calls).toEqual(['connect', 'backup user 2, user 1', 'remove user 2, user 1'])
  expect(run.states()).toEqual({ 'user 1': 'removed', 'user 2': 'removed' })
  expect(report?.scopes[0]?.resources).toMatchObject([{ backup: true }, { backup: true }])
  const [file = ''] = readdirSync(folder)
  expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600)
  await run.main.end('passed')
  const others = readdirSync(join(folder, '..')).filter((name) => name !== 'backups')
  expect(others.map((name) => readFileSync(join(folder, '..', name), 'utf8')).join('')).not.toContain('secret')
  expect(linesIn(folder).join('')).toContain('secret user 1')
})

test('another process restores parents first; restored resources are kept and not swept', async () => {
  const { run } = await startRun()
  await testWith(run, [
    ['team', 1],
    ['user', 2, 'team 1'],
    ['user', 3, 'team 1'],
  ])
  await run.main.end('passed')
  expect(run.store.rows.size).toBe(0)
  expect(await restored(run)).toEqual(['team 1: restored 1 row', 'user 2: restored 1 row', 'user 3: restored 1 row'])
  expect(run.store.calls).toContain('put back team 1, user 2, user 3')
  expect(run.store.rows.get('user 2')).toEqual({ parent: 'team 1', text: 'secret user 2' })
  expect(run.states()).toEqual({ 'team 1': 'kept', 'user 2': 'kept', 'user 3': 'kept' })
  await (await opened(run)).sweep('passed')
  expect(run.store.rows.size).toBe(3)
  expect(readFileSync(join(run.dir, 'audit', readdirSync(join(run.dir, 'audit'))[0] ?? ''), 'utf8')).toContain(
    '"what":"restore"',
  )
})

test('a resource whose restore may have succeeded is on record and can be removed', async () => {
  const { run } = await startRun()
  await testWith(run, [['user', 1]])
  run.store.script.putBack = () => {
    throw new Error('connection lost')
  }
  expect(await restored(run)).toEqual(['user 1: failed user could not be restored: connection lost.'])
  expect([run.states(), run.store.rows.size]).toEqual([{ 'user 1': 'kept' }, 1])
  const cleaner = await opened(run)
  await cleaner.remove([...cleaner.folded().resources.values()])
  expect([run.states(), run.store.rows.size]).toEqual([{ 'user 1': 'removed' }, 0])
})

test('restoring twice finds the row there; a row changed before its second removal is restored as changed', async () => {
  const { run } = await startRun()
  await testWith(run, [['user', 1]])
  await restored(run)
  expect(await restored(run)).toEqual(['user 1: restored already there'])
  expect(run.states()).toEqual({ 'user 1': 'kept' })
  run.store.rows.set('user 1', { text: 'changed' })
  const cleaner = await openLedgerRun(run.main.ticket.settings, { run: run.main.ticket.run, runner: 'clean' }, 'cli')
  await cleaner?.remove([...(cleaner?.folded().resources.values() ?? [])])
  await cleaner?.[Symbol.asyncDispose]()
  expect([run.states(), run.store.rows.size]).toEqual([{ 'user 1': 'removed' }, 0])
  expect(await restored(run)).toEqual(['user 1: restored 1 row'])
  expect(run.store.rows.get('user 1')).toEqual({ text: 'changed' })
})

test('a key that is taken by then is not overwritten by a restore, and its record stays removed', async () => {
  const { run } = await startRun()
  await testWith(run, [
    ['user', 1],
    ['user', 2],
  ])
  run.store.rows.set('user 1', { text: 'theirs' })
  expect(await restored(run)).toEqual(['user 1: failed the key is taken', 'user 2: restored 1 row'])
  expect(run.store.rows.get('user 1')).toEqual({ text: 'theirs' })
  expect(run.states()).toEqual({ 'user 1': 'removed', 'user 2': 'kept' })
})

test('nothing is removed until the backup can be written', async () => {
  const { run, folder } = await startRun()
  mkdirSync(join(folder, '..'), { recursive: true })
  writeFileSync(folder, 'not a folder')
  const report = await testWith(run, [['user', 1]])
  expect(report?.scopes[0]?.resources[0]?.error).toMatchObject({ code: 'DUSTPAN_BACKUP_FAILED' })
  expect([run.states(), run.store.rows.size]).toEqual([{ 'user 1': 'failed' }, 1])
  expect(run.store.calls.filter((call) => call.startsWith('remove'))).toEqual([])
  rmSync(folder)
  await run.main.end('passed')
  expect([run.states(), run.store.rows.size]).toEqual([{ 'user 1': 'removed' }, 0])
})

test('nothing is removed when the disk is full', async () => {
  const { run, folder } = await startRun()
  await testWith(run, [['user', 1]])
  const [file = ''] = readdirSync(folder)
  const full = join(folder, file)
  rmSync(full)
  symlinkSync('/dev/full', full)
  const report = await testWith(run, [['user', 2]], 'u')
  expect(report?.scopes[0]?.resources[0]?.error?.message).toMatch(/ENOSPC/)
  expect(run.states()).toEqual({ 'user 1': 'removed', 'user 2': 'failed' })
})

test('nothing is removed when the store cannot be read for the backup', async () => {
  const { run } = await startRun()
  run.store.script.backup = () => {
    throw new Error('connection lost')
  }
  const report = await testWith(run, [['user', 1]])
  expect(report?.scopes[0]?.resources[0]?.error).toMatchObject({
    code: 'DUSTPAN_BACKUP_FAILED',
    message: expect.stringContaining('connection lost'),
  })
  expect(run.store.rows.size).toBe(1)
})

test('a resource that cannot be backed up is removed, with DUSTPAN_NOT_BACKED_UP once per type', async () => {
  const { run } = await startRun(backupOn, {})
  await testWith(run, [
    ['user', 1],
    ['user', 2],
  ])
  const scope = run.openTest('u')
  scope.run(() => track({ type: 'thing', id: 1, remove: () => {} }))
  await close(scope)
  expect(Object.values(run.states())).toEqual(['removed', 'removed', 'removed'])
  expect(run.folded().warnings.map(({ code, message }) => `${code} ${message}`)).toEqual([
    'DUSTPAN_NOT_BACKED_UP user was removed by main without a backup: this kind of removal cannot be backed up.',
    'DUSTPAN_NOT_BACKED_UP thing was removed by a function without a backup: this kind of removal cannot be backed up.',
  ])
  expect(await restored(run, ({ set }) => set.type === 'user')).toEqual([
    'user 1: failed user could not be restored: main cannot restore what it removes.',
    'user 2: failed user could not be restored: main cannot restore what it removes.',
  ])
})

test('backup.types limits what is backed up, and backup.omit leaves out columns', async () => {
  const { run, folder } = await startRun({ cleanup: { backup: { types: ['users'], omit: ['users.text'] } } })
  await testWith(run, [
    ['user', 1],
    ['team', 1],
  ])
  expect(linesIn(folder).map((line) => JSON.parse(line).backup)).toEqual([{ fields: {} }])
  expect(await restored(run, ({ set }) => set.type === 'user')).toEqual(['user 1: restored 1 row'])
  run.store.rows.set('user 1', { text: 'of which nothing is known' })
  expect(await restored(run, ({ set }) => set.type === 'user')).toEqual(['user 1: restored already there'])
})

test('a resource without columns is not removed when backup.omit names a column of its type', async () => {
  const { run, folder } = await startRun({ cleanup: { backup: { omit: ['user.password'] } } })
  run.store.script.backup = () => 'dump'
  const report = await testWith(run, [['user', 1]])
  expect(report?.scopes[0]?.resources[0]?.error?.message).toContain('cleanup.backup.omit names a column of user')
  expect(() => statSync(folder)).toThrow('ENOENT')
})

test('each writer has its own backup file, and an unreadable line loses only one resource', async () => {
  const { run, folder } = await startRun()
  await testWith(run, [['user', 1]])
  const other = await run.join()
  const scope = other.openScope(undefined, { kind: 'test', file: 'b.test.ts', path: ['t'], attempt: 0 })
  scope.run(() => {
    for (const id of [2, 3]) track(row(run.store, 'user', id))
  })
  await close(scope)
  const files = readdirSync(folder)
  expect(files.length).toBe(2)
  const of3 = files.find((name) => readFileSync(join(folder, name), 'utf8').split('\n').length > 2) ?? ''
  const text = readFileSync(join(folder, of3), 'utf8')
  writeFileSync(join(folder, of3), text.slice(0, -10))
  expect([...(await restored(run))].sort()).toEqual([
    'user 1: restored 1 row',
    'user 2: failed user could not be restored: its backup is missing from the run’s folder, or unreadable.',
    'user 3: restored 1 row',
  ])
})

test('a restored resource is kept on record if the process dies while restoring', async () => {
  const { run } = await startRun()
  await testWith(run, [['user', 1]])
  await using ledger = await opened(run)
  await ledger.restore([...ledger.folded().resources.values()])
  const [file = ''] = readdirSync(join(run.dir, 'runs', run.main.ticket.run)).filter((name) =>
    readFileSync(
      join(run.dir, 'runs', run.main.ticket.run, name.endsWith('.jsonl') ? name : '../../.gitignore'),
      'utf8',
    ).includes('restore.ended'),
  )
  const journal = join(run.dir, 'runs', run.main.ticket.run, file)
  writeFileSync(journal, readFileSync(journal, 'utf8').replace(/^.*restore\.ended.*$/m, ''))
  expect(run.states()).toEqual({ 'user 1': 'kept' })
})

test('nothing is removed under atomic when one resource has no backup', async () => {
  const { run } = await startRun(
    { cleanup: { backup: true, atomic: true } },
    { backs: true, capabilities: { atomicBatch: true } },
  )
  run.store.script.backup = ({ key }) =>
    String(key) === '2' ? (new DustpanError('DUSTPAN_BACKUP_FAILED', 'too large') as never) : { fields: {} }
  const session = await run.join()
  const scope = session.openScope(undefined, { kind: 'test', file: 'b.test.ts', path: ['t'], attempt: 0 })
  scope.run(() => {
    for (const id of [1, 2]) track(row(run.store, 'user', id))
  })
  const report = await close(scope)
  expect(report?.scopes[0]?.resources.map(({ error }) => error?.message)).toEqual(['too large', 'too large'])
  expect(run.store.rows.size).toBe(2)
})

test('a resource without a backup is not removed, and the others are', async () => {
  const { run } = await startRun()
  run.store.script.backup = ({ key }) =>
    String(key) === '2' ? (new DustpanError('DUSTPAN_BACKUP_FAILED', 'too large') as never) : { fields: {} }
  await testWith(run, [
    ['user', 1],
    ['user', 2],
  ])
  expect(run.states()).toEqual({ 'user 1': 'removed', 'user 2': 'failed' })
})

test('a restored resource that has expired is not swept', async () => {
  const { run } = await startRun()
  const scope = run.openTest('t')
  scope.run(() => track({ ...row(run.store, 'user', 1), expiresIn: '1ms' }))
  await close(scope)
  await restored(run)
  await (await opened(run)).sweep('passed')
  expect([run.states(), run.store.rows.size]).toEqual([{ 'user 1': 'kept' }, 1])
})

test('a store that the profile protects is not restored into: DUSTPAN_PROFILE_REFUSED', async () => {
  const { run } = await startRun()
  await testWith(run, [['user', 1]])
  const drivers = [
    { use: join(import.meta.dirname, '../scripted-store.ts'), name: 'main', options: { store: run.store.id } },
  ]
  const settings = { ...quickSettings({ drivers, shadow: false }, { DUSTPAN_ENVIRONMENT: 'production' }, run.root) }
  await using ledger = await openLedgerRun(settings, { run: run.main.ticket.run, runner: 'dustpan restore' }, 'cli')
  const resources = [...(ledger?.folded().resources.values() ?? [])]
  expect([...(ledger?.restoreRefusals(resources).values() ?? [])].map(({ code }) => code)).toEqual([
    'DUSTPAN_PROFILE_REFUSED',
  ])
  const outcomes = await ledger?.restore(resources)
  expect([...(outcomes?.values() ?? [])]).toMatchObject([
    { state: 'failed', error: { code: 'DUSTPAN_PROFILE_REFUSED' } },
  ])
  expect([run.states(), run.store.rows.size]).toEqual([{ 'user 1': 'removed' }, 0])
})
