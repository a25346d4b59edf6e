import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { clock } from '../../src/clock/clock.ts'
import { openLedgerRun } from '../../src/recovery/ledger-run.ts'
import { temporaryFolder, track } from '../../src/tracking/facade.ts'
import { close, type TestRun, testRun } from '../run.ts'
import { scratchFolder } from '../settings.ts'
import { filesDriver, removed, tracked, waitUntilLaterThan } from './files-driver.ts'

function fileAt(path: string): string {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, 'x')
  return path
}

const refused = { state: 'refused', why: 'not-ours', error: { code: 'DUSTPAN_NOT_OURS' } }

/** Cleans up as `dustpan clean` does. */
async function cleaned({ main }: TestRun): Promise<void> {
  const { settings, run } = main.ticket
  await using ledger = await openLedgerRun(settings, { run, runner: 'dustpan clean' }, 'cli')
  await ledger?.remove([...ledger.folded().resources.values()])
}

function aMinuteAgo<T>(fn: () => T): T {
  const now = vi.spyOn(clock, 'now').mockImplementation(() => Date.now() - 60_000)
  try {
    return fn()
  } finally {
    now.mockRestore()
  }
}

test('a tracked file that first appears after its test has ended is not removed', async () => {
  const run = await testRun({ cleanup: { strategy: 'conditional' } })
  const [ours, theirs] = ['ours', 'theirs'].map((name) => join(scratchFolder(), name)) as [string, string]
  const [passing, failing] = [run.openTest('makes it'), run.openTest('throws before it makes it')]
  passing.run(() => track({ type: 'file', id: ours }))
  failing.run(() => track({ type: 'file', id: theirs }))
  fileAt(ours)
  await close(passing, 'failed')
  await aMinuteAgo(() => close(failing, 'failed'))
  fileAt(theirs)
  await cleaned(run)
  expect(run.states()).toEqual({ [`file ${ours}`]: 'removed', [`file ${theirs}`]: 'refused' })
  expect([ours, theirs].map((path) => existsSync(path))).toEqual([false, true])
})

test('a tracked file that appears after its process went silent is not removed', async () => {
  const run = await testRun()
  const [ours, theirs] = ['ours', 'theirs'].map((name) => join(scratchFolder(), name)) as [string, string]
  run.openTest('goes on').run(() => track({ type: 'file', id: ours }))
  fileAt(ours)
  await cleaned(run)
  expect(existsSync(ours)).toBe(false)
  const other = await testRun()
  const scope = other.openTest('is killed')
  scope.run(() => track({ type: 'file', id: join(scratchFolder(), 'other') }))
  aMinuteAgo(() => scope.run(() => track({ type: 'file', id: theirs })))
  fileAt(theirs)
  await cleaned(other)
  expect(other.states()[`file ${theirs}`]).toBe('refused')
  expect(existsSync(theirs)).toBe(true)
})

test('a file’s creation time on disk decides whether it came before the end of its test', async () => {
  const driver = filesDriver()
  const paths = ['before', 'after'].map((name) => join(scratchFolder(), name))
  const removals = paths.map((file) => tracked(driver, { file }))
  for (const path of paths) fileAt(path)
  const [before] = (await removed(driver, removals.slice(0, 1), { endedAt: Date.now() + 60_000 })).outcomes
  const [after] = (await removed(driver, removals.slice(1), { endedAt: Date.now() - 60_000 })).outcomes
  expect(before).toMatchObject({ state: 'removed' })
  expect(after).toMatchObject({ ...refused, error: { message: expect.stringContaining('has come since') } })
})

test('a file from before the run is not removed from a tracked path to which it was moved', async () => {
  const old = scratchFolder()
  const [file, link] = [fileAt(join(old, 'customers.csv')), join(old, 'link')]
  symlinkSync(file, link)
  fileAt(join(old, 'photos/1.jpg'))
  waitUntilLaterThan(join(old, 'photos/1.jpg'))
  const { openTest, states } = await testRun()
  const place = scratchFolder()
  const [toFile, toLink, toFolder] = ['archive.csv', 'current', 'gallery'].map((name) => join(place, name)) as [
    string,
    string,
    string,
  ]
  const scope = openTest('t')
  scope.run(() => {
    track({ type: 'file', ids: [toFile, toLink] })
    track({ type: 'folder', id: toFolder })
  })
  renameSync(file, toFile)
  renameSync(link, toLink)
  renameSync(join(old, 'photos'), toFolder)
  await close(scope)
  expect(states()).toEqual({
    [`file ${toFile}`]: 'refused',
    [`file ${toLink}`]: 'refused',
    [`folder ${toFolder}`]: 'refused',
  })
  expect(readdirSync(place).sort()).toEqual(['archive.csv', 'current', 'gallery'])
})

test('a folder with content from before the run is not removed, and the error names that content', async () => {
  const old = fileAt(join(scratchFolder(), 'deep/customers.csv'))
  waitUntilLaterThan(old)
  const { openTest } = await testRun()
  const place = join(scratchFolder(), 'made')
  mkdirSync(place)
  const scope = openTest('t')
  const temporary = scope.run(() => {
    track({ type: 'folder', id: place })
    return temporaryFolder()
  })
  fileAt(join(place, 'new.txt'))
  for (const folder of [place, temporary]) {
    mkdirSync(join(folder, 'a'))
    linkSync(old, join(folder, 'a/linked.csv'))
  }
  renameSync(dirname(old), join(place, 'a/moved'))
  const report = await close(scope)
  const [givenFolder, made] = report?.scopes[0]?.resources ?? []
  expect(givenFolder).toMatchObject({
    state: 'refused',
    error: { message: `${place} was not removed: ${join(place, 'a/moved')} was there before this run began.` },
  })
  expect(readdirSync(place, { recursive: true })).toContain('new.txt')
  // A hard link is only one of the old file's names.
  expect(made).toMatchObject({ state: 'removed' })
  expect(existsSync(join(place, 'a/moved/customers.csv'))).toBe(true)
})

test('a file behind a tracked link is removed before the link', async () => {
  const { openTest, states } = await testRun()
  const place = scratchFolder()
  mkdirSync(join(place, 'shared'))
  const scope = openTest('t')
  scope.run(() => {
    for (let i = 0; i < 30; i++) {
      const link = join(place, `link-${i}`)
      symlinkSync('shared', link)
      track({ type: 'file', id: link })
      track({ type: 'file', id: fileAt(join(link, `file-${i}`)) })
    }
  })
  await close(scope)
  expect(new Set(Object.values(states()))).toEqual(new Set(['removed']))
  expect(readdirSync(place, { recursive: true })).toEqual(['shared'])
})

test('a tracked path behind a link is resolved when it is tracked, not when it is removed', async () => {
  const { openTest, states } = await testRun()
  const place = scratchFolder()
  for (const name of ['one', 'two']) mkdirSync(join(place, name))
  symlinkSync('one', join(place, 'current'))
  const path = join(place, 'current/log')
  const scope = openTest('t')
  scope.run(() => track({ type: 'file', id: path }))
  fileAt(path)
  unlinkSync(join(place, 'current'))
  symlinkSync('two', join(place, 'current'))
  fileAt(path)
  await close(scope)
  expect(states()).toEqual({ [`file ${path}`]: 'removed' })
  expect(['one', 'two'].map((name) => readdirSync(join(place, name)))).toEqual([[], ['log']])
})
