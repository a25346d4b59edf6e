import { expect, test } from 'vitest'
import { DustpanError } from '../../src/errors/dustpan-error.ts'
import { sweepAtStart } from '../../src/runner/sweep-at-start.ts'
import { track } from '../../src/tracking/facade.ts'
import { close, row, testRun } from '../run.ts'

type Run = Awaited<ReturnType<typeof testRun>>

const atStart = { leftovers: true, reset: false, owners: [], tags: [] }
const settingsOf = ({ main }: Run) => ({ ...main.ticket.settings, atStart })

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
  await sweepAtStart(settingsOf(run))
  expect(run.states()).toEqual({ 'user 1': 'kept', 'user 2': 'removed' })
  expect([...run.store.rows.keys()]).toEqual(['user 1'])
})

test('what a run that is going on has created stays', async () => {
  const run = await testRun()
  run.openTest('runs').run(() => track(row(run.store, 'user', 1)))
  await sweepAtStart(settingsOf(run))
  expect(run.states()).toEqual({ 'user 1': 'live' })
})
