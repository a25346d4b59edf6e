import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { beginRun } from '../../src/runner/run.ts'
import { workersEnd } from '../../src/runner/workers-end.ts'
import { track } from '../../src/tracking/facade.ts'
import { row, testRun } from '../run.ts'
import { quickSettings, scratchFolder } from '../settings.ts'

const worker = `
import { joinRun } from ${JSON.stringify(new URL('../../src/runner/session.ts', import.meta.url))}
import { track } from ${JSON.stringify(new URL('../../src/tracking/facade.ts', import.meta.url))}
const session = await joinRun(JSON.parse(process.env.TICKET), { moduleHooks: false })
const file = session.openScope(undefined, { kind: 'file', file: 'b.test.ts', attempt: 0 })
file.run(() => track({ type: 'note', id: 1, shared: true }))
console.log('tracked')
process.stdin.resume()
`

test('workersEnd() is false while a worker with records is alive', async () => {
  const { main, file, store } = await testRun({ cleanup: { timeout: 100 } })
  file.run(() => track(row(store, 'user', 1)))
  expect(await workersEnd(main.ticket)).toBe(false)
})

test('workersEnd() waits until the last worker is dead', async () => {
  const main = beginRun(quickSettings({}, {}, scratchFolder()), 'test', {})
  const program = spawn(process.execPath, ['--input-type=module', '--eval', worker], {
    env: { ...process.env, TICKET: JSON.stringify(main.ticket) },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(() => void program.kill())
  await once(program.stdout, 'data')
  const over = workersEnd(main.ticket)
  program.stdin.end()
  program.kill('SIGKILL')
  expect(await over).toBe(true)
})
