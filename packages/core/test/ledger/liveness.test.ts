import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { foldRun } from '../../src/ledger/fold.ts'
import type { FoldedRun } from '../../src/ledger/folded-run.ts'
import { isGoingOn } from '../../src/ledger/liveness.ts'
import { isCertainlyDead, type ProcessIdentity, pidStart, thisProcess } from '../../src/processes/process-identity.ts'
import { journal, writerLine } from './writers.ts'

const writer = (process: Partial<ProcessIdentity>, role: 'main' | 'worker' | 'cli' = 'worker') => ({
  ...thisProcess(),
  ...process,
  role,
})

const run = (writers: object[], more: Partial<FoldedRun> = {}): FoldedRun =>
  ({ ended: undefined, latestAt: Date.now(), writers, ...more }) as FoldedRun

const dead = { pid: 2 ** 22 + 1 }

test('a run is live while one of its writers is alive and it has not ended', () => {
  expect(isGoingOn(run([writer(dead), writer({})]))).toBe(true)
  expect(isGoingOn(run([writer(dead)]))).toBe(false)
  expect(isGoingOn(run([writer({})], { ended: 'passed' }))).toBe(false)
})

test('a run between two workers is live while its main process is alive', () => {
  const { pid, pidStart: start } = thisProcess()
  expect(isGoingOn(run([{ ...writer(dead), main: { pid, pidStart: start } }]))).toBe(true)
  expect(isGoingOn(run([{ ...writer(dead), main: { ...dead, pidStart: '1' } }]))).toBe(false)
})

test('a live cleaner does not make a run live', () => {
  expect(isGoingOn(run([writer(dead), writer({}, 'cli')]))).toBe(false)
})

test('a run on another machine is live until it has been silent for ten minutes', () => {
  const elsewhere = [writer({ ...dead, host: 'elsewhere' })]
  expect(isGoingOn(run(elsewhere, { latestAt: Date.now() - 9 * 60_000 }))).toBe(true)
  expect(isGoingOn(run(elsewhere, { latestAt: Date.now() - 11 * 60_000 }))).toBe(false)
})

test('a run on another machine with only `alive` lines is live', () => {
  const at = Date.now() - 20 * 60_000
  const elsewhere = { ...writerLine('w1'), ...thisProcess(), host: 'elsewhere' }
  const fold = (...times: number[]) =>
    foldRun('r1', [journal('w1', [elsewhere, ...times.slice(1).map(() => ({ e: 'alive' }) as const)], times)])
  expect(isGoingOn(fold(at))).toBe(false)
  expect(isGoingOn(fold(at, at + 15 * 60_000))).toBe(true)
})

test.runIf(process.platform === 'linux')('a zombie process is dead', async () => {
  // exec turns the shell into a program that never waits for the shell's child.
  const parent = spawn('sh', ['-c', 'sleep 0.1 & echo $!; exec sleep 60'])
  const [line] = (await once(parent.stdout, 'data')) as [Buffer]
  const pid = Number(String(line).trim())
  await expect.poll(() => pidStart(pid)).toBe('exited')
  expect(isCertainlyDead({ ...thisProcess(), pid, pidStart: '1' })).toBe(true)
  parent.kill()
  await once(parent, 'exit')
})

test('a run that ended in parts is live while its main process is alive', () => {
  const { pid, pidStart: start } = thisProcess()
  const parts = { ended: 'passed', endedInParts: true } as const
  expect(isGoingOn(run([{ ...writer(dead), main: { pid, pidStart: start } }], parts))).toBe(true)
  expect(isGoingOn(run([{ ...writer(dead), main: { ...dead, pidStart: '1' } }], parts))).toBe(false)
})
