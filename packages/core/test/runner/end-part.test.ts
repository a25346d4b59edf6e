/** A run without a main process: each of its processes ends its own part. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { CleanupReport } from '../../src/report/model.ts'
import { track } from '../../src/tracking/facade.ts'
import { close, row, testRun } from '../run.ts'

test('report.json covers all processes, and each process prints only its own part', async () => {
  const run = await testRun()
  const report = (): CleanupReport =>
    JSON.parse(readFileSync(join(run.dir, 'runs', run.main.ticket.run, 'report.json'), 'utf8'))
  const printed: string[] = []
  const one = run.openTest('one')
  one.run(() => track(row(run.store, 'user', 1)))
  await close(one)
  await run.session.endPart('passed', (text) => void printed.push(text))
  expect(report()).toMatchObject({ run: { ended: 'passed' }, totals: { tracked: 1, removed: 1 } })

  const other = await run.join()
  const two = other.openScope(undefined, { kind: 'test', file: 'b.test.ts', path: ['two'], attempt: 0 })
  two.run(() => track(row(run.store, 'order', 2)))
  expect(run.folded().ended).toBeUndefined()
  await close(two, 'failed')
  await other.endPart('failed', (text) => void printed.push(text))
  expect(report()).toMatchObject({ run: { ended: 'failed' }, totals: { tracked: 2, removed: 2 } })
  expect(printed).toEqual([expect.stringContaining('1 tracked'), expect.stringContaining('1 tracked')])
})

test('endPart() writes and prints nothing if nothing was tracked', async () => {
  const run = await testRun()
  await close(run.file)
  await run.session.endPart('passed', () => expect.unreachable())
  expect(() => run.folded()).toThrow('has no run')
})
