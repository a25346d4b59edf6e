/** Signals as a terminal sends them: to a separate process group. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { onTestFinished, test } from 'vitest'

const source = new URL('../../src/runner/interruption.ts', import.meta.url).href

/** Prints each signal that it gets, and its count of Ctrl-C. */
const counting = (options: object) => `
import { onInterruption } from ${JSON.stringify(source)}
onInterruption((count) => console.log('Ctrl-C ' + count), ${JSON.stringify(options)})
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => console.log(signal))
setInterval(() => {}, 1000)
console.log('ready')`

/** Repeats signals as npm does, but waits for the signal itself: two pending signals would be merged into one. */
const repeating = (program: string) => `
import { spawn } from 'node:child_process'
const child = spawn(process.execPath, ['--input-type=module', '-e', ${JSON.stringify(program)}], { stdio: ['ignore', 'pipe', 'inherit'] })
let due = 0
process.on('SIGINT', () => repeat(1))
process.on('SIGTERM', () => {})
child.stdout.on('data', (text) => {
  process.stdout.write(text)
  if (String(text).includes('SIGINT')) repeat(1)
})
function repeat(step) {
  due = (due + step) % 3
  if (due === 2) child.kill('SIGINT')
}`

function start(program: string) {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void signal(child, 'SIGKILL'))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  /** Accepts any order: a signal and its count may be printed in either. */
  const says = async (...expected: readonly string[]) => {
    const missing = [...expected]
    while (missing.length > 0) {
      const { value } = await lines.next()
      const at = missing.indexOf(String(value))
      if (at < 0) throw new Error(`${value}, where ${missing.join(', ')} was expected`)
      missing.splice(at, 1)
    }
  }
  return { says, signal: (name: NodeJS.Signals) => signal(child, name) }
}

const signal = ({ pid }: ChildProcess, name: NodeJS.Signals) => process.kill(-(pid as number), name)

test('each Ctrl-C is counted, however quickly it follows', async () => {
  const { says, signal } = start(counting({}))
  await says('ready')
  for (const count of [1, 2, 3]) {
    signal('SIGINT')
    await says('SIGINT', `Ctrl-C ${count}`)
  }
})

test('a Ctrl-C repeated by a parent process is counted once', async () => {
  const { says, signal } = start(repeating(counting({})))
  await says('ready')
  for (const count of [1, 2, 3]) {
    signal('SIGINT')
    await says('SIGINT', 'SIGINT', `Ctrl-C ${count}`)
  }
})

test('a signal other than the previous one is not taken for its repetition', async () => {
  const { says, signal } = start(repeating(counting({})))
  await says('ready')
  signal('SIGINT')
  await says('SIGINT', 'SIGINT', 'Ctrl-C 1')
  signal('SIGTERM')
  await says('SIGTERM', 'Ctrl-C 2')
})

test('a signal listed in `echoes` is not counted after a Ctrl-C', async () => {
  const { says, signal } = start(counting({ echoes: ['SIGTERM'] }))
  await says('ready')
  for (const count of [1, 2]) {
    signal('SIGINT')
    await says('SIGINT', `Ctrl-C ${count}`)
    signal('SIGTERM')
    await says('SIGTERM')
  }
})
