import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { homedir, hostname, tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createFilesDriver } from '../../src/files/driver.ts'
import { scope, temporaryFolder, track } from '../../src/tracking/facade.ts'
import { close, testRun } from '../run.ts'
import { scratchFolder } from '../settings.ts'

function fileIn(folder: string, name = 'upload.png'): string {
  const file = join(folder, name)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, 'x')
  return file
}

test('files and folders are removed at the end of the test, with later content', async () => {
  const { openTest, states } = await testRun()
  const folder = scratchFolder()
  const [file, full] = [fileIn(folder), join(folder, 'full')]
  mkdirSync(full)
  const scoped = openTest('t')
  scoped.run(() => {
    track({ type: 'file', id: file })
    track({ type: 'folder', id: full })
    track({ type: 'upload', ids: [1, 2], remove: { file: join(folder, 'upload-{id}.txt') } })
  })
  fileIn(full, 'a/b.txt')
  fileIn(folder, 'upload-1.txt')
  writeFileSync(file, 'changed since')
  const report = await close(scoped)
  expect(states()).toEqual({
    ...{
      [`file ${file}`]: 'removed',
      [`folder ${full}`]: 'removed',
      'upload 1': 'removed',
      'upload 2': 'already-gone',
    },
  })
  expect(readdirSync(folder)).toEqual([])
  expect(report?.scopes[0]?.resources.map(({ removal, result }) => [removal, result])).toContainEqual([
    `rm -r ${full}`,
    '1 folder',
  ])
})

test('a file replaced by another is not removed: DUSTPAN_NOT_OURS', async () => {
  const { openTest } = await testRun()
  const file = fileIn(scratchFolder())
  const scoped = openTest('t')
  scoped.run(() => track({ type: 'file', id: file }))
  const other = fileIn(dirname(file), 'other')
  renameSync(other, file)
  const report = await close(scoped)
  expect(report?.scopes[0]?.resources[0]).toMatchObject({
    state: 'refused',
    why: 'not-ours',
    error: { code: 'DUSTPAN_NOT_OURS' },
  })
  expect(existsSync(file)).toBe(true)
})

test('a link is removed, and its target is not', async () => {
  const { openTest, states } = await testRun()
  const folder = scratchFolder()
  const target = fileIn(folder, 'real/kept.txt')
  const [toFile, toFolder, inside] = [join(folder, 'to-file'), join(folder, 'to-folder'), join(folder, 'tree')]
  symlinkSync(target, toFile)
  symlinkSync(dirname(target), toFolder)
  mkdirSync(inside)
  symlinkSync(dirname(target), join(inside, 'link'))
  const scoped = openTest('t')
  scoped.run(() => {
    track({ type: 'file', id: toFile })
    track({ type: 'folder', ids: [toFolder, inside] })
  })
  await close(scoped)
  expect(Object.values(states())).toEqual(['removed', 'removed', 'removed'])
  expect(lstatSync(toFile, { throwIfNoEntry: false })).toBeUndefined()
  expect(existsSync(target)).toBe(true)
})

test('a folder tracked as a file fails with a hint to track it as a folder', async () => {
  const { openTest } = await testRun()
  const folder = join(scratchFolder(), 'a')
  mkdirSync(folder)
  const scoped = openTest('t')
  scoped.run(() => track({ type: 'file', id: folder }))
  const report = await close(scoped)
  expect(report?.scopes[0]?.resources[0]).toMatchObject({
    ...{
      state: 'failed',
      attempts: 1,
      error: { code: 'DUSTPAN_REMOVAL_FAILED', hint: expect.stringContaining("type: 'folder'") },
    },
  })
})

test.each<[string, (root: string) => string]>([
  ['the root', () => '/'],
  ['the home folder', () => homedir()],
  ['a folder above the home folder', () => dirname(homedir())],
  ['the project', (root) => root],
  ['a folder above the project', (root) => dirname(root)],
  ['the working directory', () => process.cwd()],
  ['a folder above the working directory', () => join(process.cwd(), '..')],
  ['the .git folder', (root) => join(root, '.git')],
  ['a file in the .git folder', (root) => join(root, '.git', 'config')],
  ['the project through a link', (root) => linkTo(dirname(root), basename(root))],
  ['the project by a path with dots', (root) => `${root}/a/../../${basename(root)}`],
])('%s cannot be tracked', async (_, path) => {
  const { openTest, root } = await testRun()
  expect(() => openTest('t').run(() => track({ type: 'folder', id: path(root) }))).toThrow(
    expect.objectContaining({
      code: 'DUSTPAN_INVALID_ARGUMENT',
      message: expect.stringContaining('that is never removed'),
    }),
  )
})

test('a record with a protected path, or of another machine, is refused at removal', async () => {
  const root = scratchFolder()
  const functions = { cleaner: () => undefined, driverOption: () => undefined }
  const driver = createFilesDriver('files', {}, { root, environment: 'local', functions })
  const ctx = { signal: new AbortController().signal, deadline: Date.now() + 1000 }
  const connection = await driver.connect({ driver: 'files', id: `file://${hostname()}` }, ctx)
  const args = { path: '{id}', from: '/', born: {} }
  const target = { id: 'a', type: 'folder', key: root, removal: { driver: 'files', op: 'folder', v: 1, args } }
  const outcomes = await connection.remove([{ ...target, proof: { strength: 'key-only' }, createdAt: 0 }], {
    ...ctx,
    attempt: 1,
    batch: 'b',
    run: 'r',
    verify: 'auto',
  })
  expect(outcomes.get('a')).toMatchObject({ state: 'refused', why: 'not-ours' })
  expect(existsSync(root)).toBe(true)
  await expect(driver.connect({ driver: 'files', id: 'file://another-machine' }, ctx)).rejects.toMatchObject({
    code: 'DUSTPAN_WRONG_STORE',
  })
})

test('a relative path is resolved from the folder where it was tracked', async () => {
  const { openTest, folded, root } = await testRun()
  const folder = scratchFolder()
  const file = fileIn(folder, 'here.txt')
  const from = process.cwd()
  const path = join(
    '..',
    ...from
      .split('/')
      .slice(2)
      .map(() => '..'),
    file,
  )
  openTest('t').run(() => track({ type: 'file', id: path }))
  const [resource] = folded().resources.values()
  const functions = { cleaner: () => undefined, driverOption: () => undefined }
  const driver = createFilesDriver('files', {}, { root, environment: 'local', functions })
  expect(resource?.set.steps[0]).toMatchObject({ args: { from } })
  process.chdir(folder)
  onTestFinished(() => process.chdir(from))
  expect(driver.describe(resource?.set.steps[0] as never, path)).toBe(`rm ${file}`)
})

/** Changes into a folder and removes it. */
function inRemovedFolder(): void {
  const from = process.cwd()
  const folder = scratchFolder()
  process.chdir(folder)
  onTestFinished(() => process.chdir(from))
  rmdirSync(folder)
}

test('in a removed working directory absolute paths are tracked, relative ones are DUSTPAN_INVALID_ARGUMENT', async () => {
  const { openTest, states } = await testRun()
  const [before, after] = [fileIn(scratchFolder()), fileIn(scratchFolder())]
  const scoped = openTest('t')
  scoped.run(() => track({ type: 'file', id: before }))
  inRemovedFolder()
  scoped.run(() => {
    track({ type: 'file', id: after })
    expect(() => track({ type: 'file', id: 'relative.txt' })).toThrow(
      expect.objectContaining({ code: 'DUSTPAN_INVALID_ARGUMENT', message: expect.stringContaining('relative.txt') }),
    )
  })
  await close(scoped)
  expect(states()).toEqual({ [`file ${before}`]: 'removed', [`file ${after}`]: 'removed' })
})

test('an empty path is DUSTPAN_INVALID_ARGUMENT', async () => {
  const { openTest } = await testRun()
  for (const remove of [{ file: '' }, { folder: 7 }])
    expect(() => openTest('t').run(() => track({ type: 'x', id: 1, remove }))).toThrow(
      expect.objectContaining({ code: 'DUSTPAN_INVALID_ARGUMENT' }),
    )
})

test('temporaryFolder() creates an empty folder named for the run, and removes it with its content', async () => {
  const { openTest, main, folded } = await testRun()
  const scoped = openTest('t')
  const [one, two] = scoped.run(() => [temporaryFolder(), temporaryFolder('uploads')])
  expect(readdirSync(one)).toEqual([])
  expect(dirname(one)).toBe(realpathSync(tmpdir()))
  expect(basename(two)).toContain(`dustpan-${main.ticket.run}-uploads-`)
  fileIn(one, 'a/b/c.txt')
  const [resource] = folded().resources.values()
  expect(resource?.set).toMatchObject({
    origin: 'captured',
    proof: { strength: 'exact', marker: expect.stringContaining(main.ticket.run) },
  })
  expect(folded().intents.size).toBe(0)
  await close(scoped)
  expect([one, two].map((folder) => existsSync(folder))).toEqual([false, false])
})

test('temporaryFolder() of a failed test is kept with strategy: conditional', async () => {
  const { openTest } = await testRun({ cleanup: { strategy: 'conditional' } })
  const scoped = openTest('t')
  const folder = scoped.run(() => temporaryFolder())
  onTestFinished(() => rmSync(folder, { recursive: true }))
  await close(scoped, 'failed')
  expect(existsSync(folder)).toBe(true)
})

test.each(['', 'a/b', '../x', 'a b'])('temporaryFolder(%j) throws DUSTPAN_INVALID_ARGUMENT', async (name) => {
  const { openTest } = await testRun()
  openTest('t').run(() => {
    expect(() => temporaryFolder(name)).toThrow(expect.objectContaining({ code: 'DUSTPAN_INVALID_ARGUMENT' }))
    expect(scope().created()).toEqual([])
  })
})

test('temporaryFolder() throws the system’s error and leaves no open intent', async () => {
  const { openTest, folded } = await testRun()
  const { TMPDIR } = process.env
  process.env.TMPDIR = join(scratchFolder(), 'missing')
  onTestFinished(() => {
    if (TMPDIR === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = TMPDIR
  })
  openTest('t').run(() => expect(() => temporaryFolder()).toThrow('ENOENT'))
  expect(folded().intents.size).toBe(0)
})

function linkTo(folder: string, name: string): string {
  const link = join(scratchFolder(), 'link')
  symlinkSync(folder, link)
  return join(link, name)
}

test('a file created just before the run’s start time is accepted, as file systems have a coarser clock', () => {
  const folder = scratchFolder()
  const file = fileIn(folder)
  const driver = createFilesDriver(
    'files',
    {},
    { root: folder, environment: 'local', functions: none, since: lstatSync(file).birthtimeMs + 9 },
  )
  expect(driver.removal?.({ file }, [1])).toMatchObject({ removal: { op: 'file' } })
})

test('a file or folder from before the run cannot be tracked', async () => {
  const folder = scratchFolder()
  const file = fileIn(folder)
  const driver = createFilesDriver(
    'files',
    {},
    { root: folder, environment: 'local', functions: none, since: Date.now() + 60_000 },
  )
  for (const spec of [{ file }, { folder: file }]) {
    expect(() => driver.removal?.(spec, [1])).toThrow(expect.objectContaining({ code: 'DUSTPAN_INVALID_ARGUMENT' }))
  }
})

const none = { cleaner: () => undefined, driverOption: () => undefined }
