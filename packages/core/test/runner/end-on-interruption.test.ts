import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { scratchFolder } from '../settings.ts'

const program = fileURLToPath(new URL('never-ends.ts', import.meta.url))

/** Starts in its own process group, as a terminal does: no parent repeats signals. */
async function start(interruptTimeout: string) {
  const root = scratchFolder()
  const file = join(root, 'left.txt')
  writeFileSync(join(root, 'dustpan.config.json'), JSON.stringify({ reaper: false, cleanup: { interruptTimeout } }))
  const child = spawn(process.execPath, [program, root, file], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const exit = once(child, 'exit')
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const waitForLine = async (text: string) => {
    for (;;) {
      const { value, done } = await lines.next()
      if (done) throw new Error(`It has not printed: ${text}`)
      if (String(value).includes(text)) return
    }
  }
  await waitForLine('ready')
  return { root, file, waitForLine, exit, kill: (signal: NodeJS.Signals) => child.kill(signal) }
}

function report(root: string) {
  const runs = join(root, '.dustpan', 'runs')
  const [run = ''] = readdirSync(runs)
  return JSON.parse(readFileSync(join(runs, run, 'report.json'), 'utf8'))
}

test('a cleanup that exceeds interruptTimeout is abandoned, and its resources are reported and on record', async () => {
  const { root, file, waitForLine, exit, kill } = await start('100ms')
  kill('SIGINT')
  await waitForLine('interrupted, cleaning up for 0.1 s at most')
  await waitForLine('1 tracked · 0 removed · 1 live')
  expect(await exit).toEqual([130, null])
  expect(report(root).totals).toMatchObject({ tracked: 1, live: 1 })
  expect(existsSync(file)).toBe(true)
})

test('a second signal ends the cleanup at once, with the exit code of the first', async () => {
  const { root, waitForLine, exit, kill } = await start('2m')
  kill('SIGTERM')
  await waitForLine('interrupted, cleaning up for 120 s at most')
  kill('SIGINT')
  await waitForLine('1 tracked · 0 removed · 1 live')
  expect(await exit).toEqual([143, null])
  expect(report(root).run.ended).toBeUndefined()
})
