import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { foldRun } from '../../src/ledger/fold.ts'
import type { FoldedRun } from '../../src/ledger/folded-run.ts'
import { isGoingOn } from '../../src/ledger/liveness.ts'
import { isCertainlyDead, type ProcessIdentity, pidStart, thisProcess } from '../../src/ledger/process-identity.ts'
import { journal, writerLine } from './writers.ts'

const writer = (process: Partial<ProcessIdentity>, role: 'main' | 'worker' | 'cli' = 'worker') => ({
  ...thisProcess(),
  ...process,
  role,
})

const run = (writers: object[], more: Partial<FoldedRun> = {}): FoldedRun =>
  ({ ended: undefined, latestAt: Date.now(), writers, ...more }) as FoldedRun

const dead = { pid: 2 ** 22 + 1 }

test('a run goes on while one of its writers lives, and it has not said that it is over', () => {
  expect(isGoingOn(run([writer(dead), writer({})]))).toBe(true)
  expect(isGoingOn(run([writer(dead)]))).toBe(false)
  expect(isGoingOn(run([writer({})], { ended: 'passed' }))).toBe(false)
})

test('between two workers a run goes on while its main process lives, which has written nothing yet', () => {
  const { pid, pidStart: start } = thisProcess()
  expect(isGoingOn(run([{ ...writer(dead), main: { pid, pidStart: start } }]))).toBe(true)
  expect(isGoingOn(run([{ ...writer(dead), main: { ...dead, pidStart: '1' } }]))).toBe(false)
})

test('a cleaner at work does not make a run go on', () => {
  expect(isGoingOn(run([writer(dead), writer({}, 'cli')]))).toBe(false)
})

test("another machine's run goes on until it has been silent for ten minutes", () => {
  const elsewhere = [writer({ ...dead, host: 'elsewhere' })]
  expect(isGoingOn(run(elsewhere, { latestAt: Date.now() - 9 * 60_000 }))).toBe(true)
  expect(isGoingOn(run(elsewhere, { latestAt: Date.now() - 11 * 60_000 }))).toBe(false)
})

test("another machine's run that only says that it is there goes on", () => {
  const at = Date.now() - 20 * 60_000
  const elsewhere = { ...writerLine('w1'), ...thisProcess(), host: 'elsewhere' }
  const fold = (...times: number[]) =>
    foldRun('r1', [journal('w1', [elsewhere, ...times.slice(1).map(() => ({ e: 'alive' }) as const)], times)])
  expect(isGoingOn(fold(at))).toBe(false)
  expect(isGoingOn(fold(at, at + 15 * 60_000))).toBe(true)
})

test.runIf(process.platform === 'linux')('a process that has exited and is not yet waited for is dead', async () => {
  // exec turns the shell into a program that never waits for the shell's child.
  const parent = spawn('sh', ['-c', 'sleep 0.1 & echo $!; exec sleep 60'])
  const [line] = (await once(parent.stdout, 'data')) as [Buffer]
  const pid = Number(String(line).trim())
  await expect.poll(() => pidStart(pid)).toBe('exited')
  expect(isCertainlyDead({ ...thisProcess(), pid, pidStart: '1' })).toBe(true)
  parent.kill()
  await once(parent, 'exit')
})

test('a run that ended in parts goes on while the process lives that has started them: there may be more', () => {
  const { pid, pidStart: start } = thisProcess()
  const parts = { ended: 'passed', endedInParts: true } as const
  expect(isGoingOn(run([{ ...writer(dead), main: { pid, pidStart: start } }], parts))).toBe(true)
  expect(isGoingOn(run([{ ...writer(dead), main: { ...dead, pidStart: '1' } }], parts))).toBe(false)
})
