import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { copied } from '../../src/files/backup.ts'
import { openLedgerRun } from '../../src/recovery/ledger-run.ts'
import { track } from '../../src/tracking/facade.ts'
import { close, type TestRun, testRun } from '../run.ts'
import { scratchFolder } from '../settings.ts'

/** Each entry below a folder: its mode, modification time and content. */
function entriesIn(folder: string): readonly unknown[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => {
      const path = join(folder, name)
      const { mode, mtimeMs } = lstatSync(path)
      const isLink = lstatSync(path).isSymbolicLink()
      const content = isLink ? readlinkSync(path) : lstatSync(path).isFile() ? readFileSync(path, 'hex') : ''
      return [name, mode, isLink || content === '' ? 0 : Math.round(mtimeMs), content]
    })
}

async function restored({ main }: TestRun): Promise<readonly string[]> {
  await using run = await openLedgerRun(
    main.ticket.settings,
    { run: main.ticket.run, runner: 'dustpan restore' },
    'cli',
  )
  const outcomes = await run?.restore([...run.folded().resources.values()])
  return [...(outcomes?.values() ?? [])].map((one) =>
    one.state === 'restored' ? (one.result ?? '') : one.error.message,
  )
}

async function tracked(run: TestRun, things: readonly object[]) {
  const scope = run.openTest('t')
  scope.run(() => {
    for (const thing of things) track(thing as Parameters<typeof track>[0])
  })
  return close(scope)
}

test('a folder is restored with its content, modes, times and links, which are not followed', async () => {
  const run = await testRun({ cleanup: { backup: true } })
  const outside = scratchFolder()
  const place = scratchFolder()
  writeFileSync(join(outside, 'secret'), 'not copied')
  const folder = join(place, 'made')
  mkdirSync(join(folder, 'a', 'empty'), { recursive: true })
  writeFileSync(join(folder, 'a', 'b.bin'), Buffer.from([0, 255, 10]))
  chmodSync(join(folder, 'a', 'b.bin'), 0o640)
  chmodSync(join(folder, 'a'), 0o750)
  symlinkSync(outside, join(folder, 'link'))
  symlinkSync('nowhere', join(folder, 'dangling'))
  const before = entriesIn(place)
  await tracked(run, [{ type: 'folder', id: folder }])
  expect(readdirSync(place)).toEqual([])
  expect(await restored(run)).toEqual(['copied back'])
  expect(entriesIn(place)).toEqual(before)
  expect(await restored(run)).toEqual(['already there'])
  expect(readdirSync(outside)).toEqual(['secret'])
})

test('a folder is restored completely or not at all', async () => {
  const run = await testRun({ cleanup: { backup: true } })
  const place = scratchFolder()
  const folder = join(place, 'made')
  mkdirSync(folder)
  writeFileSync(join(folder, 'a'), 'a')
  await tracked(run, [{ type: 'folder', id: folder }])
  const copies = join(run.dir, 'runs', run.main.ticket.run, 'backups', 'files')
  const pipe = join(copies, readdirSync(copies)[0] as string, 'z')
  execFileSync('mkfifo', [pipe])
  expect(await restored(run)).toEqual([expect.stringContaining('could not be restored')])
  expect(readdirSync(place)).toEqual([])
  rmSync(pipe)
  expect(await restored(run)).toEqual(['copied back'])
})

test('concurrent copies of the same folder share one backup', async () => {
  const [place, backups] = [scratchFolder(), scratchFolder()]
  mkdirSync(join(place, 'same'))
  writeFileSync(join(place, 'same', 'a'), 'a')
  const copies = await Promise.all(Array.from({ length: 20 }, () => copied(join(place, 'same'), backups)))
  expect(new Set(copies.map((copy) => JSON.stringify(copy))).size).toBe(1)
  expect(readdirSync(join(backups, 'files')).length).toBe(1)
})

test('two equal files are copied once, privately to their owner', async () => {
  const run = await testRun({ cleanup: { backup: true } })
  const place = scratchFolder()
  const files = ['1', '2'].map((name) => join(place, name))
  for (const file of files) writeFileSync(file, 'same')
  await tracked(
    run,
    files.map((id) => ({ type: 'file', id })),
  )
  const backups = join(run.dir, 'runs', run.main.ticket.run, 'backups')
  expect(readdirSync(join(backups, 'files')).length).toBe(1)
  expect(lstatSync(join(backups, 'files')).mode & 0o777).toBe(0o700)
  expect(await restored(run)).toEqual(['copied back', 'copied back'])
})

test('a file that is too large for a backup is not removed, and others are', async () => {
  const run = await testRun({ cleanup: { backup: true } })
  const place = scratchFolder()
  const [large, small] = [join(place, 'large'), join(place, 'small')]
  writeFileSync(large, '')
  truncateSync(large, 101 * 1024 * 1024)
  writeFileSync(small, 'x')
  const report = await tracked(run, [
    { type: 'file', id: large },
    { type: 'file', id: small },
  ])
  expect(readdirSync(place)).toEqual(['large'])
  expect(report?.scopes[0]?.resources[0]?.error).toMatchObject({
    code: 'DUSTPAN_BACKUP_FAILED',
    message: expect.stringContaining('has 101 MB, and at most 100 MB are copied'),
  })
})

test('a file is not restored over another file, nor into a missing folder', async () => {
  const run = await testRun({ cleanup: { backup: true } })
  const place = scratchFolder()
  mkdirSync(join(place, 'in'))
  const files = [join(place, 'a'), join(place, 'in', 'b')]
  for (const file of files) writeFileSync(file, 'mine')
  await tracked(run, [...files.map((id) => ({ type: 'file', id }))])
  writeFileSync(files[0] as string, 'theirs')
  rmSync(join(place, 'in'), { recursive: true })
  expect(await restored(run)).toEqual([
    `${files[0]} could not be restored: something else is there.`,
    `${files[1]} could not be restored: its folder is not there any more.`,
  ])
  expect(readFileSync(files[0] as string, 'utf8')).toBe('theirs')
})
