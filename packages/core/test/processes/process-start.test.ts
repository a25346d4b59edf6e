import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { processStart, startByPs } from '../../src/processes/process-start.ts'

test('processStart() is exact to the second and constant', async () => {
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

test('startByPs() agrees with /proc', () => {
  const start = startByPs(process.pid) as number
  expect(Math.abs(start - (processStart(process.pid) as number))).toBeLessThanOrEqual(1000)
})

test('processStart() of a missing process is undefined', () => {
  expect(processStart(2 ** 22 + 1)).toBeUndefined()
})
