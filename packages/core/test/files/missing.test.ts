import { createWriteStream, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { CleanupReport } from '../../src/report/model.ts'
import { renderText } from '../../src/report/text.ts'
import type { Json } from '../../src/resource/resource.ts'
import { track } from '../../src/tracking/facade.ts'
import { close, testRun } from '../run.ts'
import { scratchFolder } from '../settings.ts'
import { filesDriver, removed, tracked } from './files-driver.ts'

test('a renamed file has failed with its new name, and is not reported as gone', async () => {
  const { openTest } = await testRun()
  const folder = scratchFolder()
  const [before, after] = [join(folder, 'a.txt'), join(folder, 'b.txt')]
  writeFileSync(before, 'a')
  const scope = openTest('t')
  scope.run(() => track({ type: 'file', id: before }))
  renameSync(before, after)
  const report = await close(scope)
  expect(report?.scopes[0]?.resources[0]).toMatchObject({
    ...{ state: 'failed', attempts: 1 },
    error: { code: 'DUSTPAN_REMOVAL_FAILED', message: `${before} was not removed: it is ${after} by now.` },
  })
  expect(existsSync(after)).toBe(true)
})

test('a file whose stream is still opening when its test ends is removed', async () => {
  const { openTest, states } = await testRun()
  const folder = scratchFolder()
  const paths = Array.from({ length: 8 }, (_, i) => join(folder, `${i}.log`))
  const scope = openTest('t')
  const streams = scope.run(() => {
    const opened = paths.map((path) => createWriteStream(path))
    track({ type: 'file', ids: paths })
    return opened
  })
  await close(scope)
  await Promise.all(streams.map((stream) => new Promise<void>((done) => stream.end(done))))
  expect(new Set(Object.values(states()))).toEqual(new Set(['removed']))
  expect(readdirSync(folder)).toEqual([])
})

test('a renamed file that is also tracked under its new name is already gone', async () => {
  const { openTest, states } = await testRun()
  const folder = scratchFolder()
  const [before, after] = [join(folder, 'a.txt'), join(folder, 'b.txt')]
  writeFileSync(before, 'a')
  const scope = openTest('t')
  scope.run(() => {
    track({ type: 'file', id: before })
    renameSync(before, after)
    track({ type: 'file', id: after })
  })
  await close(scope)
  expect(states()).toEqual({ [`file ${before}`]: 'already-gone', [`file ${after}`]: 'removed' })
})

test('a tracked path that never existed warns with DUSTPAN_NEVER_THERE', async () => {
  const { openTest, folded } = await testRun()
  const folder = scratchFolder()
  const names = ['a', 'b', 'c', 'd', 'e'].map((name) => join(folder, name))
  const scope = openTest('t')
  scope.run(() => track({ type: 'file', ids: names }))
  writeFileSync(names[0] as string, '')
  const report = (await close(scope)) as CleanupReport
  expect(renderText(report, { color: false })).toContain('5 tracked · 1 removed · 4 never seen')
  expect(folded().warnings.filter(({ code }) => code === 'DUSTPAN_NEVER_THERE')).toEqual([
    {
      code: 'DUSTPAN_NEVER_THERE',
      message: `${names.slice(1, 4).join(', ')} and 1 more: not there when tracked, and not at the end of the test. If the test did not remove it itself, check the path.`,
    },
  ])
})

test('a missing file does not warn if it was seen, or if its test ended long before the cleanup', async () => {
  const driver = filesDriver()
  const folder = scratchFolder()
  writeFileSync(join(folder, 'a'), '')
  const seen = tracked(driver, { file: join(folder, 'a') })
  rmSync(join(folder, 'a'))
  expect(await removed(driver, [seen])).toEqual({
    outcomes: [{ state: 'already-gone', result: 'not found' }],
    warnings: [],
  })
  const unseen = tracked(driver, { file: join(folder, 'b') })
  expect((await removed(driver, [unseen], { endedAt: Date.now() })).warnings).toEqual([])
  expect((await removed(driver, [unseen])).warnings).toHaveLength(1)
})

test('files removed with a folder that was tracked later do not warn', async () => {
  const { openTest, folded } = await testRun()
  const folder = join(scratchFolder(), 'out')
  const scope = openTest('t')
  scope.run(() => {
    track({ type: 'file', ids: [join(folder, 'a'), join(folder, 'b/c')] })
    mkdirSync(join(folder, 'b'), { recursive: true })
    for (const name of ['a', 'b/c']) writeFileSync(join(folder, name), '')
    track({ type: 'folder', id: folder })
  })
  const report = await close(scope)
  expect(report?.scopes[0]?.resources.map(({ state, result }) => [state, result])).toEqual([
    ['already-gone', 'removed with its folder'],
    ['already-gone', 'removed with its folder'],
    ['removed', '1 folder'],
  ])
  expect(folded().warnings).toEqual([])
})

test('files of a renamed project are removed at their new place', async () => {
  const root = join(scratchFolder(), 'project')
  const driver = filesDriver({ root })
  for (const name of ['out/d', 'out/e']) mkdirSync(join(root, name), { recursive: true })
  writeFileSync(join(root, 'out/a.txt'), '')
  const removals = [
    tracked(driver, { folder: join(root, 'out/d') }),
    tracked(driver, { file: join(root, 'out/a.txt') }),
    tracked(driver, { file: join(root, 'out/later.txt') }),
  ]
  const elsewhere = join(scratchFolder(), 'renamed')
  renameSync(root, elsewhere)
  writeFileSync(join(elsewhere, 'out/later.txt'), '')
  // This one is not tracked.
  writeFileSync(join(elsewhere, 'out/e/kept'), '')
  const { outcomes } = await removed(filesDriver({ root: elsewhere }), removals)
  expect(outcomes.map(({ state }) => state)).toEqual(['removed', 'removed', 'removed'])
  expect(existsSync(join(elsewhere, 'out/e/kept'))).toBe(true)
})

test('files of a deleted project are not looked for in another project', async () => {
  const place = scratchFolder()
  const [ours, other] = ['ours', 'other'].map((name) => join(place, name)) as [string, string]
  mkdirSync(ours)
  const driver = filesDriver({ root: ours })
  const removals = [tracked(driver, { file: join(ours, 'report.csv') }), tracked(driver, { folder: join(ours, 'out') })]
  mkdirSync(join(other, 'out'), { recursive: true })
  writeFileSync(join(other, 'report.csv'), '')
  rmSync(ours, { recursive: true })
  const { outcomes } = await removed(filesDriver({ root: other }), removals)
  expect(outcomes.map(({ state }) => state)).toEqual(['already-gone', 'already-gone'])
  expect(readdirSync(other)).toEqual(['out', 'report.csv'])
})

test('an older record without the project’s identity is not looked for in another project', async () => {
  const root = join(scratchFolder(), 'project')
  mkdirSync(root)
  const { args, ...removal } = tracked(filesDriver({ root }), { file: join(root, 'later.txt') })
  const { rootBorn: _, ...older } = args as { readonly [name: string]: Json }
  const elsewhere = join(scratchFolder(), 'renamed')
  renameSync(root, elsewhere)
  writeFileSync(join(elsewhere, 'later.txt'), '')
  const { outcomes } = await removed(filesDriver({ root: elsewhere }), [{ ...removal, args: older }])
  expect(outcomes.map(({ state }) => state)).toEqual(['already-gone'])
  expect(existsSync(join(elsewhere, 'later.txt'))).toBe(true)
})

test('a file: URL as a path is DUSTPAN_INVALID_ARGUMENT', async () => {
  const { openTest } = await testRun()
  for (const input of [
    { type: 'file', id: 'file:///tmp/a' },
    { type: 'log', id: 'a', remove: { folder: 'FILE:{id}' } },
  ])
    expect(() => openTest('t').run(() => track(input))).toThrow(
      expect.objectContaining({ code: 'DUSTPAN_INVALID_ARGUMENT', hint: expect.stringContaining('fileURLToPath') }),
    )
})
