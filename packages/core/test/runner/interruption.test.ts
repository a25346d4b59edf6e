/** Signals as a terminal sends them: to a process group of their own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { onTestFinished, test } from 'vitest'

const source = new URL('../../src/runner/interruption.ts', import.meta.url).href

/** Says each signal that it gets, and which Ctrl-C it counts as. */
const counting = (options: object) => `
import { onInterruption } from ${JSON.stringify(source)}
onInterruption((count) => console.log('Ctrl-C ' + count), ${JSON.stringify(options)})
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => console.log(signal))
setInterval(() => {}, 1000)
console.log('ready')`

/** As npm does; but not before the signal itself has come, as two that are on their way at once are one. */
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
  /** In any order: of a signal and what it counts as nobody says which is told first. */
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

test('each Ctrl-C counts, however soon it comes', async () => {
  const { says, signal } = start(counting({}))
  await says('ready')
  for (const count of [1, 2, 3]) {
    signal('SIGINT')
    await says('SIGINT', `Ctrl-C ${count}`)
  }
})

test('what a process above repeats is the same Ctrl-C', async () => {
  const { says, signal } = start(repeating(counting({})))
  await says('ready')
  for (const count of [1, 2, 3]) {
    signal('SIGINT')
    await says('SIGINT', 'SIGINT', `Ctrl-C ${count}`)
  }
})

test('another signal than the one before is no echo of it', async () => {
  const { says, signal } = start(repeating(counting({})))
  await says('ready')
  signal('SIGINT')
  await says('SIGINT', 'SIGINT', 'Ctrl-C 1')
  signal('SIGTERM')
  await says('SIGTERM', 'Ctrl-C 2')
})

test('but where the process above is known to send it', async () => {
  const { says, signal } = start(counting({ echoes: ['SIGTERM'] }))
  await says('ready')
  for (const count of [1, 2]) {
    signal('SIGINT')
    await says('SIGINT', `Ctrl-C ${count}`)
    signal('SIGTERM')
    await says('SIGTERM')
  }
})
