import { appendFileSync, existsSync, mkdirSync, readdirSync, renameSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { clock } from '../../src/clock/clock.ts'
import { temporaryFolder, track } from '../../src/tracking/facade.ts'
import { close, testRun } from '../run.ts'
import { scratchFolder } from '../settings.ts'
import { filesDriver, removed, tracked, waitUntilLaterThan } from './files-driver.ts'
import { mountOverlay } from './overlay.ts'

/** Shifts this process's clock against the file system's; a negative value sets it back. */
function clockAhead(ms: number): void {
  const now = vi.spyOn(clock, 'now').mockImplementation(() => Date.now() + ms)
  onTestFinished(() => now.mockRestore())
}

test.each([-60_000, 60_000])('old and new files are told apart by a clock that is off by %i ms', (ms) => {
  const place = scratchFolder()
  const [before, after] = [join(place, 'before'), join(place, 'after')]
  writeFileSync(before, '')
  waitUntilLaterThan(before)
  clockAhead(ms)
  const dir = scratchFolder()
  const driver = filesDriver({ dir, since: clock.now() })
  expect(() => tracked(driver, { file: before })).toThrow(expect.objectContaining({ code: 'DUSTPAN_INVALID_ARGUMENT' }))
  writeFileSync(after, '')
  expect(tracked(driver, { file: after })).toMatchObject({ op: 'file' })
  expect([readdirSync(dir), readdirSync(place)]).toEqual([[], ['after', 'before']])
})

test.each([-60_000, 60_000])(
  'temporaryFolder() is removed with its content by a clock that is off by %i ms',
  async (ms) => {
    clockAhead(ms)
    const { openTest } = await testRun()
    const scope = openTest('t')
    const folder = scope.run(() => temporaryFolder())
    writeFileSync(join(folder, 'a'), '')
    await close(scope)
    expect(existsSync(folder)).toBe(false)
  },
)

test('a file born in the future is rejected', () => {
  const place = scratchFolder()
  const driver = filesDriver({ since: Date.now() })
  tracked(driver, { file: join(place, 'first') })
  clockAhead(-60_000)
  writeFileSync(join(place, 'second'), '')
  expect(() => tracked(driver, { file: join(place, 'second') })).toThrow('later than now')
})

test('changed files on an overlay are not taken for new ones', async ({ skip }) => {
  const overlay = mountOverlay((lower) => {
    for (const name of ['app.log', 'customers.csv', 'uploads/1.jpg']) {
      mkdirSync(join(lower, 'uploads'), { recursive: true })
      writeFileSync(join(lower, name), 'old')
      utimesSync(join(lower, name), 1, 1)
    }
  })
  if ('missing' in overlay) return skip(overlay.missing)
  const { folder } = overlay
  waitUntilLaterThan(folder)
  const { openTest, states } = await testRun()
  vi.stubEnv('TMPDIR', join(folder, 'uploads'))
  onTestFinished(() => void vi.unstubAllEnvs())
  const at = (name: string) => join(folder, name)
  const scope = openTest('t')
  const temporary = scope.run(() => {
    track({ type: 'file', ids: [at('first.txt'), at('moved.csv')] })
    writeFileSync(at('first.txt'), '')
    renameSync(at('customers.csv'), at('moved.csv'))
    appendFileSync(at('app.log'), 'line')
    track({ type: 'file', id: at('app.log') })
    mkdirSync(at('uploads'), { recursive: true })
    writeFileSync(at('uploads/new.jpg'), '')
    track({ type: 'folder', id: at('uploads') })
    mkdirSync(at('new'))
    writeFileSync(at('new/a.txt'), '')
    track({ type: 'folder', id: at('new') })
    track({ type: 'file', id: at('new/a.txt') })
    return temporaryFolder()
  })
  writeFileSync(join(temporary, 'a.txt'), '')
  await close(scope)
  expect(states()).toEqual({
    [`file ${at('first.txt')}`]: 'removed',
    [`file ${at('moved.csv')}`]: 'refused',
    [`file ${at('app.log')}`]: 'refused',
    [`folder ${at('uploads')}`]: 'refused',
    [`file ${at('new/a.txt')}`]: 'removed',
    [`folder ${at('new')}`]: 'removed',
    [`folder ${temporary}`]: 'removed',
  })
  expect(readdirSync(folder).sort()).toEqual(['app.log', 'moved.csv', 'uploads'])
  expect(readdirSync(at('uploads')).sort()).toEqual(['1.jpg', 'new.jpg'])
})

test('a file whose birth time is in doubt is not removed', async () => {
  const driver = filesDriver()
  const path = join(scratchFolder(), 'a')
  writeFileSync(path, '')
  const { args, ...removal } = tracked(driver, { file: path })
  const doubtful = { ...removal, args: { ...(args as object), doubtfulFiles: [path] } }
  expect((await removed(driver, [doubtful])).outcomes).toMatchObject([{ state: 'refused', why: 'not-ours' }])
  expect(existsSync(path)).toBe(true)
})
