import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { processStart, startByPs } from '../../src/ledger/process-start.ts'

test('when a process began is known to the second, and the same to all who ask', async () => {
  const before = Date.now()
  const child = spawn(process.execPath, ['-e', 'console.log(1); setInterval(() => {}, 1000)'])
  onTestFinished(() => void child.kill())
  await once(child.stdout, 'data')
  const start = processStart(child.pid as number) as number
  expect(start % 1000).toBe(0)
  expect(start).toBeGreaterThan(before - 2000)
  expect(start).toBeLessThanOrEqual(Date.now())
  expect(processStart(child.pid as number)).toBe(start)
})

test('without /proc ps tells it', () => {
  const start = startByPs(process.pid) as number
  expect(Math.abs(start - (processStart(process.pid) as number))).toBeLessThanOrEqual(1000)
})

test('of a process that there is not, nothing is known', () => {
  expect(processStart(2 ** 22 + 1)).toBeUndefined()
})
