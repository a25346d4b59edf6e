import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { processTerminal } from '../src/terminal.ts'

/** A terminal on streams that look like those of a TTY. */
function atTerminal(columns = 80) {
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => {} })
  const stdout = Object.assign(new PassThrough(), { isTTY: true, columns })
  const streams: unknown = { stdin, stdout, stderr: new PassThrough() }
  return { stdin, terminal: processTerminal(streams as NodeJS.Process) }
}

test.for([
  ['Ctrl-C', '\x03', true],
  ['Ctrl-D', '\x04', false],
] as const)('%s at a question gives no answer', async ([, key, interrupted]) => {
  const { stdin, terminal } = atTerminal()
  const answer = terminal.ask('Write? [Y/n] ')
  stdin.write(key)
  expect([await answer, terminal.interrupted]).toEqual([undefined, interrupted])
})

test('the typed line is the answer', async () => {
  const { stdin, terminal } = atTerminal()
  const answer = terminal.ask('Write? [Y/n] ')
  stdin.write('yes\r')
  expect([await answer, terminal.interrupted]).toEqual(['yes', false])
})

test('a terminal that reports no width counts as infinitely wide', () => {
  expect(atTerminal(0).terminal.width).toBe(Number.POSITIVE_INFINITY)
})
