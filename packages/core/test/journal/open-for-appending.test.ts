import fs, { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { temporaryFolder, track } from '../../src/tracking/facade.ts'
import { close, testRun } from '../run.ts'
import { scratchFolder } from '../settings.ts'

const replaced = [
  ...(['openSync', 'writeSync', 'closeSync', 'writeFileSync', 'appendFileSync', 'mkdirSync'] as const),
  ...(['existsSync', 'lstatSync', 'statSync', 'fstatSync', 'readdirSync', 'realpathSync'] as const),
]

test('functions of node:fs that a test has mocked are not called', async () => {
  const { openTest, states, main, folded } = await testRun()
  const file = join(scratchFolder(), 'a.txt')
  writeFileSync(file, '')
  const spies = replaced.map((name) =>
    vi.spyOn(fs, name).mockImplementation(() => {
      throw new Error(`${name} was called`)
    }),
  )
  onTestFinished(() => void vi.restoreAllMocks())
  const scope = openTest('t')
  const folder = scope.run(() => {
    track({ type: 'file', id: file })
    return temporaryFolder()
  })
  await close(scope)
  const calls = spies.flatMap((spy) => spy.mock.calls)
  vi.restoreAllMocks()
  expect(calls).toEqual([])
  expect(states()).toEqual({ [`file ${file}`]: 'removed', [`folder ${folder}`]: 'removed' })
  expect(folded().warnings).toEqual([])
  expect([file, folder].filter((path) => existsSync(path))).toEqual([])
  await main.end('passed')
})
