import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { DustpanError } from '../../src/errors/dustpan-error.ts'
import { sweepAtStart } from '../../src/runner/sweep-at-start.ts'
import { track } from '../../src/tracking/facade.ts'
import { close, row, testRun } from '../run.ts'

type Run = Awaited<ReturnType<typeof testRun>>

const atStart = { leftovers: true, reset: false, owners: [], tags: [] }
const settingsOf = ({ main }: Run) => ({ ...main.ticket.settings, atStart })

/** What is told from now on. */
function listen(): string[] {
  const told: string[] = []
  const spy = vi.spyOn(process.stderr, 'write').mockImplementation((text) => told.push(String(text)) > 0)
  onTestFinished(() => spy.mockRestore())
  return told
}

/** As if the run had been another process, which is dead. */
function die({ dir, main }: Run): void {
  const folder = join(dir, 'runs', main.ticket.run)
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.jsonl'))) {
    const path = join(folder, name)
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll(`"pid":${process.pid}`, `"pid":${2 ** 22 + 1}`))
  }
}

test('what an ended run could not remove goes before the next begins; what it kept on purpose stays', async () => {
  const run = await testRun({ cleanup: { strategy: 'conditional', retry: { attempts: 1 } } })
  const kept = run.openTest('fails')
  kept.run(() => track(row(run.store, 'user', 1)))
  await close(kept, 'failed')
  const error = new DustpanError('DUSTPAN_REMOVAL_FAILED', 'The store is away.')
  run.store.script.answer = () => ({ state: 'failed', error, retry: false })
  const failing = run.openTest('passes')
  failing.run(() => track(row(run.store, 'user', 2)))
  await close(failing, 'passed')
  await run.main.end('passed')
  expect(run.states()).toEqual({ 'user 1': 'kept', 'user 2': 'failed' })
  run.store.script = {}
  const told = listen()
  await sweepAtStart(settingsOf(run))
  expect(told).toEqual(['dustpan: at the start, from earlier runs: 1 removed\n'])
  expect(run.states()).toEqual({ 'user 1': 'kept', 'user 2': 'removed' })
  expect([...run.store.rows.keys()]).toEqual(['user 1'])
})

test('what a dead run leaves and the policy keeps is told with the way to remove it; without anything to do it is quiet', async () => {
  const run = await testRun({ cleanup: { strategy: 'conditional' } })
  run.openTest('dies').run(() => track(row(run.store, 'user', 1)))
  die(run)
  const told = listen()
  await sweepAtStart(settingsOf(run))
  expect(run.states()).toEqual({ 'user 1': 'kept' })
  expect(told).toEqual([
    `dustpan: at the start, from earlier runs: 1 kept; to remove the rest: npx dustpan clean ${run.main.ticket.run}\n`,
  ])
  await sweepAtStart(settingsOf(run))
  expect(told).toHaveLength(1)
})

test('what a run that is going on has created stays', async () => {
  const run = await testRun()
  run.openTest('runs').run(() => track(row(run.store, 'user', 1)))
  await sweepAtStart(settingsOf(run))
  expect(run.states()).toEqual({ 'user 1': 'live' })
})
