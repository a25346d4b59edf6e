import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import type { Writable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { execa } from 'execa'
import { expect, onTestFinished, test } from 'vitest'
import { newTicket } from '../../src/runner/new-ticket.ts'
import type { Answer, Order } from '../../src/runner/reaper-orders.ts'
import { quickSettings, scratchFolder } from '../settings.ts'

const program = new URL('../../src/reaper/program.ts', import.meta.url).pathname

/** A reaper that watches a run of this process. */
function start(env: Record<string, string> = {}) {
  const child = execa(process.execPath, [program], { stdio: ['pipe', 'pipe', 'pipe', 'pipe'], reject: false, env })
  onTestFinished(() => void child.kill('SIGKILL'))
  const order: Order = { watch: newTicket({ ...quickSettings({}, {}, scratchFolder()), reaper: true }, 'test', {}) }
  child.stdin.write(`${JSON.stringify(order)}\n`)
  const answered = once(child.stdout, 'data').then(([text]): Answer => JSON.parse(String(text)))
  return { child, answered, test: child.stdio[3] as unknown as Writable }
}

test('a reaper is armed once its pipe has closed, drivers load and a decoy run is cleaned up', async () => {
  const { answered, test, child } = start()
  test.end()
  expect(await answered).toEqual({ armed: true })
  child.stdin.end()
  expect((await child).exitCode).toBe(0)
})

test('a run that ends during the self-test leaves no temporary files', async () => {
  const temporary = scratchFolder()
  const { test, child } = start({ TMPDIR: temporary })
  test.end()
  while (readdirSync(temporary).length === 0) await setImmediate()
  child.stdin.end()
  expect((await child).exitCode).toBe(0)
  expect(readdirSync(temporary)).toEqual([])
})

test('a reaper is not armed while its pipe is open', async () => {
  const { answered } = start()
  const late = new Promise((resolve) => setTimeout(resolve, 2_000, 'nothing'))
  expect(await Promise.race([answered, late])).toBe('nothing')
})

test('a reaper ignores SIGINT, SIGTERM and SIGHUP', async () => {
  const { answered, test, child } = start()
  test.end()
  await answered
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) child.kill(signal)
  const late = new Promise((resolve) => setTimeout(resolve, 200, 'alive'))
  expect(await Promise.race([child, late])).toBe('alive')
})
