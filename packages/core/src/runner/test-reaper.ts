/** Tests for the command line whether the reaper works with these settings. */
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import type { Settings } from '../config/settings.ts'
import { messageOf } from '../errors/dustpan-error.ts'
import { newTicket } from './new-ticket.ts'
import { spawnReaper } from './reaper.ts'
import type { Answer, Order } from './reaper-orders.ts'

/** Starts a reaper for a dummy run, waits for its self-test, and lets it end. Undefined if it is armed; otherwise the reason. */
export async function testReaper(settings: Settings, timeoutMs: number): Promise<string | undefined> {
  const child = spawnReaper()
  const stdin = child.stdin as Writable
  const ticket = newTicket(settings, 'dustpan doctor')
  const late = Promise.withResolvers<string>()
  // Also keeps this process alive meanwhile.
  const timer = setTimeout(() => late.resolve(`it has not answered for ${timeoutMs / 1000} s`), timeoutMs)
  try {
    send(stdin, { watch: ticket })
    return await Promise.race([
      answerOf(child.stdout as Readable),
      once(child, 'exit').then(
        ([code, signal]) => `it ended (${signal ?? code})`,
        (error) => `it could not be started: ${messageOf(error)}`,
      ),
      late.promise,
    ])
  } finally {
    clearTimeout(timer)
    send(stdin, { over: ticket.run, left: false, goesOn: false })
    stdin.end()
  }
}

const send = (stdin: Writable, order: Order): void => void stdin.write(`${JSON.stringify(order)}\n`)

async function answerOf(stdout: Readable): Promise<string | undefined> {
  const [line] = await once(createInterface({ input: stdout }), 'line')
  const answer = JSON.parse(line) as Answer
  return 'why' in answer ? answer.why : undefined
}
