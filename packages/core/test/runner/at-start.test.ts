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

/** Collects what is printed to stderr. */
function listen(): string[] {
  const output: string[] = []
  const spy = vi.spyOn(process.stderr, 'write').mockImplementation((text) => output.push(String(text)) > 0)
  onTestFinished(() => spy.mockRestore())
  return output
}

/** Makes the run look like that of a dead process. */
function die({ dir, main }: Run): void {
  const folder = join(dir, 'runs', main.ticket.run)
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.jsonl'))) {
    const path = join(folder, name)
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll(`"pid":${process.pid}`, `"pid":${2 ** 22 + 1}`))
  }
}

test('a removal that failed in an earlier run is repeated at the start, and a kept resource stays', async () => {
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
  const output = listen()
  await sweepAtStart(settingsOf(run))
  expect(output).toEqual(['dustpan: at the start, from earlier runs: 1 removed\n'])
  expect(run.states()).toEqual({ 'user 1': 'kept', 'user 2': 'removed' })
  expect([...run.store.rows.keys()]).toEqual(['user 1'])
})

test('resources kept from a dead run are reported once with the command to remove them', async () => {
  const run = await testRun({ cleanup: { strategy: 'conditional' } })
  run.openTest('dies').run(() => track(row(run.store, 'user', 1)))
  die(run)
  const output = listen()
  await sweepAtStart(settingsOf(run))
  expect(run.states()).toEqual({ 'user 1': 'kept' })
  expect(output).toEqual([
    `dustpan: at the start, from earlier runs: 1 kept; to remove the rest: npx dustpan clean ${run.main.ticket.run}\n`,
  ])
  await sweepAtStart(settingsOf(run))
  expect(output).toHaveLength(1)
})

test('resources of a running run are not removed at the start', async () => {
  const run = await testRun()
  run.openTest('runs').run(() => track(row(run.store, 'user', 1)))
  await sweepAtStart(settingsOf(run))
  expect(run.states()).toEqual({ 'user 1': 'live' })
})
