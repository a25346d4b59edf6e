/** The main process's side of the reaper: one reaper for all runs that this process begins. */
import { type ChildProcess, spawn } from 'node:child_process'
import type { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import type { Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { clock } from '../clock/clock.ts'
import { DustpanError } from '../errors/dustpan-error.ts'
import { printError } from '../errors/print-error.ts'
import type { RunTicket } from '../tracking/run-ticket.ts'
import type { Answer, Order } from './reaper-orders.ts'

/** The longest that a self-test may take before the reaper counts as unavailable. */
const patienceMs = 30_000

let reaper: ChildProcess | undefined

/** Cleans up the run even if this process dies in any way. Does not keep the process alive. */
export function watchOver(ticket: RunTicket): void {
  const { reaper: isWanted, ledger, disabled } = ticket.settings
  if (disabled || !(isWanted || ledger)) return
  reaper ??= startReaper(isWanted, ledger !== undefined)
  if (ledger) sending.set(ticket.run, Promise.withResolvers())
  send({ watch: ticket, ...(isWanted ? {} : { sendOnly: true as const }) })
}

/**
 * The run has ended. The reaper retries for a while to remove what is `left`; if an interrupted run `goesOn`, also what is created
 * until this process ends. With a shared ledger, waits briefly until everything was sent.
 */
export async function endWatch(run: string, how: { readonly left: boolean; readonly goesOn: boolean }): Promise<void> {
  send({ over: run, ...how })
  const sent = sending.get(run)
  if (!sent) return
  const timer = clock.setTimeout(() => sent.resolve({ sent: run, error: late }), longestSendMs)
  const { error } = await sent.promise
  clock.clearTimeout(timer)
  sending.delete(run)
  if (error) process.stderr.write(`dustpan: ${error.code}: ${error.message} ${error.hint ?? ''}\n`)
}

type Sent = Extract<Answer, { sent: string }>

/** Runs whose records go to the shared ledger. */
const sending = new Map<string, PromiseWithResolvers<Sent>>()

const longestSendMs = 5_000

const late = {
  code: 'DUSTPAN_LEDGER_AWAY',
  message: `The shared ledger has not answered for ${longestSendMs / 1000} s.`,
  hint: 'What is on record stays on this machine, and is sent with the next run or dustpan command.',
} as const

function send(order: Order): void {
  const stdin = reaper?.stdin
  if (stdin?.writable) stdin.write(`${JSON.stringify(order)}\n`)
}

function startReaper(isArmed: boolean, sends: boolean): ChildProcess {
  const child = spawnReaper(sends)
  listen(child, child.stdout as Socket, isArmed)
  return child
}

/** Does not keep this process alive. Ends when its input ends. `sends`: the run waits at its end for the records to be sent. */
export function spawnReaper(sends = false): ChildProcess {
  const program = fileURLToPath(new URL(import.meta.url.replace(/runner\/reaper(\.[jt]s)$/, 'reaper/program$1')))
  const child = spawn(process.execPath, [program, ...(sends ? ['--sends'] : [])], {
    // A session of its own: signals from the terminal must not reach it.
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore', 'pipe'],
    env: ownEnvironment(process.env),
    windowsHide: true,
  })
  ;(child.stdio[3] as Writable).end()
  const [stdin, stdout] = [child.stdin as Socket, child.stdout as Socket]
  for (const pipe of [stdin, stdout, child.stdio[3] as Socket]) pipe.on('error', () => {}).unref()
  child.unref()
  return child
}

/** Without options that preload modules or collect coverage: these are meant for the run's processes. */
function ownEnvironment({
  NODE_OPTIONS: _options,
  NODE_V8_COVERAGE: _coverage,
  ...others
}: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return others
}

function listen(child: ChildProcess, stdout: Socket, isArmed: boolean): void {
  let isConcluded = !isArmed
  const conclude = (why?: string) => {
    if (!isConcluded && why !== undefined) printError(notArmed(why), 'DUSTPAN_REAPER_NOT_ARMED')
    isConcluded = true
  }
  createInterface({ input: stdout }).on('line', (line) => {
    const answer = JSON.parse(line) as Answer
    if ('sent' in answer) sending.get(answer.sent)?.resolve(answer)
    else conclude(answer.armed ? undefined : answer.why)
  })
  const end = (why: string) => {
    conclude(why)
    for (const [run, sent] of sending) sent.resolve({ sent: run, error: late })
  }
  child.once('error', ({ message }) => end(`it could not be started: ${message}`))
  child.once('exit', (code, signal) => end(`it ended (${signal ?? code})`))
  setTimeout(() => conclude(`it has not answered for ${patienceMs / 1000} s`), patienceMs).unref()
}

const notArmed = (why: string): DustpanError =>
  new DustpanError(
    'DUSTPAN_REAPER_NOT_ARMED',
    `If this process is killed, nothing cleans up after it, because the reaper is unavailable: ${why}.`,
    {
      hint: 'What is left then stays on record: `dustpan orphans` removes it. Set `reaper: false` in the configuration to run without one.',
    },
  )
