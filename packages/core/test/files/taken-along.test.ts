import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openLedgerRun } from '../../src/recovery/ledger-run.ts'
import { temporaryFolder, track } from '../../src/tracking/facade.ts'
import { close, testRun } from '../run.ts'
import { scratchFolder } from '../settings.ts'

function fileAt(path: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, 'x')
}

const trackFolder = (id: string) => {
  track({ type: 'folder', id })
  mkdirSync(id, { recursive: true })
}

const trackFile = (id: string) => {
  track({ type: 'file', id })
  fileAt(id)
}

const waits = { state: 'pending', error: { code: 'DUSTPAN_NOT_OURS' } }

test('a folder with a kept file of a failed test is kept when a later test tracks it again', async () => {
  const { openTest, states } = await testRun({ cleanup: { strategy: 'conditional' } })
  const out = join(scratchFolder(), 'out')
  const [failing, passing] = [openTest('fails'), openTest('passes')]
  failing.run(() => {
    trackFolder(out)
    trackFile(join(out, 'a.txt'))
  })
  await close(failing, 'failed')
  passing.run(() => {
    trackFolder(out)
    trackFile(join(out, 'a.txt'))
    trackFile(join(out, 'b.txt'))
  })
  const report = await close(passing)
  expect(report?.totals).toMatchObject({ tracked: 3, removed: 1, kept: 2 })
  expect(Object.values(states())).toEqual(['kept', 'kept', 'removed'])
  expect(readdirSync(out)).toEqual(['a.txt'])
})

test('a tracked folder is pending until the file that beforeAll created in it is removed', async () => {
  const { openTest, file, states } = await testRun()
  const folder = join(scratchFolder(), 'fixtures')
  file.run(() => trackFile(join(folder, 'shared.json')))
  const scope = openTest('t')
  scope.run(() => trackFolder(folder))
  const report = await close(scope)
  const message = `${folder} was not removed: it contains ${join(folder, 'shared.json')}, which another test or run has on record.`
  expect(report?.scopes[0]?.resources).toMatchObject([{ ...waits, error: { ...waits.error, message } }])
  expect(readdirSync(folder)).toEqual(['shared.json'])
  await close(file)
  expect(Object.values(states())).toEqual(['already-gone', 'removed'])
  expect(existsSync(folder)).toBe(false)
})

test('a temporary folder with a kept file of a failed test is kept', async () => {
  const { openTest, file, states } = await testRun({ cleanup: { strategy: 'conditional' } })
  const folder = file.run(() => temporaryFolder())
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const scope = openTest('t')
  scope.run(() => trackFile(join(folder, 'a.txt')))
  await close(scope, 'failed')
  await close(file)
  expect(Object.values(states())).toEqual(['kept', 'kept'])
  expect(readdirSync(folder)).toEqual(['a.txt'])
})

test('a folder with a file of another process’s test is pending until the end of the run', async () => {
  const { openTest, join: joinAgain, main, states } = await testRun()
  const cache = join(scratchFolder(), 'cache')
  const short = openTest('short')
  short.run(() => trackFolder(cache))
  const other = await joinAgain()
  const long = other.openScope(undefined, { kind: 'test', file: 'b.test.ts', path: ['long'], attempt: 0 })
  long.run(() => trackFile(join(cache, '2')))
  const report = await close(short)
  expect(report?.scopes[0]?.resources).toMatchObject([waits])
  expect(readdirSync(cache)).toEqual(['2'])
  await close(long)
  await main.end('passed')
  expect(Object.values(states())).toEqual(['removed', 'removed'])
  expect(existsSync(cache)).toBe(false)
})

test('a folder with a file of another running run is pending, for `dustpan clean` too', async () => {
  const environment = { DUSTPAN_DIR: scratchFolder() }
  const one = await testRun({}, environment)
  const cache = join(scratchFolder(), 'cache')
  const [first, second] = [one.openTest('first'), one.openTest('second')]
  first.run(() => trackFolder(cache))
  const other = await testRun({}, environment)
  const long = other.openTest('long')
  long.run(() => trackFile(join(cache, '2')))
  expect((await close(first))?.scopes[0]?.resources).toMatchObject([waits])
  await close(second)
  const { settings, run } = one.main.ticket
  const cleaned = async () => {
    await using ledger = await openLedgerRun(settings, { run, runner: 'dustpan clean' }, 'cli')
    await ledger?.remove([...ledger.folded().resources.values()])
    return Object.values(one.states())
  }
  expect(await cleaned()).toEqual(['pending'])
  expect(readdirSync(cache)).toEqual(['2'])
  await close(long)
  await other.main.end('passed')
  expect(await cleaned()).toEqual(['removed'])
})

test('a folder that a test deleted and created again is removed at the end of that test', async () => {
  const { openTest, file } = await testRun()
  const folder = join(scratchFolder(), 'out')
  file.run(() => {
    mkdirSync(folder)
    track({ type: 'folder', id: folder })
  })
  const scope = openTest('t')
  scope.run(() => {
    rmdirSync(folder)
    writeFileSync(join(dirname(folder), 'takes the inode'), '')
    mkdirSync(folder)
    track({ type: 'folder', id: folder })
  })
  expect((await close(scope))?.scopes[0]?.resources).toMatchObject([{ state: 'removed' }])
})

test('a kept record of a file that does not exist does not keep its folder', async () => {
  const { openTest, states } = await testRun({ cleanup: { strategy: 'conditional' } })
  const out = join(scratchFolder(), 'out')
  const [failing, passing] = [openTest('fails'), openTest('passes')]
  failing.run(() => track({ type: 'file', id: join(out, 'never written') }))
  await close(failing, 'failed')
  passing.run(() => trackFolder(out))
  await close(passing)
  expect(states()[`folder ${out}`]).toBe('removed')
})

test.each(['failed', 'killed'])(
  'the folder of a %s test is removed with the files that the test tracked in it, even when asked for alone',
  async (end) => {
    const run = await testRun({ cleanup: { strategy: 'conditional' } })
    const out = join(scratchFolder(), 'out')
    const scope = run.openTest('t')
    scope.run(() => {
      trackFolder(out)
      trackFile(join(out, 'a.txt'))
    })
    if (end === 'failed') await close(scope, 'failed')
    const { settings, run: id } = run.main.ticket
    await using ledger = await openLedgerRun(settings, { run: id, runner: 'dustpan clean' }, 'cli')
    const folders = [...(ledger?.folded().resources.values() ?? [])].filter(({ set }) => set.type === 'folder')
    await ledger?.remove(folders)
    expect(run.states()[`folder ${out}`]).toBe('removed')
  },
)

test('a folder is removed even if the ledger cannot be read', async () => {
  const place = scratchFolder()
  writeFileSync(join(place, 'ledger'), '')
  const { openTest } = await testRun({}, { DUSTPAN_DIR: join(place, 'ledger') })
  const scope = openTest('t')
  scope.run(() => trackFolder(join(place, 'out')))
  await close(scope)
  expect(readdirSync(place)).toEqual(['ledger'])
})
