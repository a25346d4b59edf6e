/**
 * The reaper's program: a separate process that outlives the runs it watches. If the pipe from the main process ends without an order, the
 * main process is dead, and its run is cleaned up from the ledger. Modules are loaded only when needed.
 */
import { constants, setPriority } from 'node:os'
import { createInterface } from 'node:readline'
import type { Answer, Order } from '../runner/reaper-orders.ts'
import type { RunTicket } from '../tracking/run-ticket.ts'
import type { Shipping } from './shipping.ts'

/** A run that ends before this needs no self-test. */
const beforeSelfTestMs = 500
/** How long to wait for a running self-test at the end: killed, it would leave its folder behind. */
const longestSelfTestMs = 5_000

const watched = new Map<string, Watched>()
const pending: Promise<void>[] = []
let selfTest: NodeJS.Timeout | undefined
let testing: Promise<void> | undefined

/** By run, if there is a shared ledger. */
const shippings = new Map<string, Promise<Shipping>>()

function handle(order: Order): void {
  if ('watch' in order) {
    watch({ ticket: order.watch, mayClean: !order.sendOnly })
    return
  }
  const run = watched.get(order.over)
  if (!run) return
  if (order.goesOn) {
    watched.set(order.over, { ...run, ended: order })
    pending.push(send(run.ticket, answer).then(() => ship(run.ticket)))
    return
  }
  watched.delete(order.over)
  pending.push(endNormally(run, order.left))
}

interface Watched {
  readonly ticket: RunTicket
  readonly mayClean: boolean
  /** Set once the run has ended, while its tests go on. */
  readonly ended?: Pick<Extract<Order, { over: string }>, 'left'>
}

function watch(run: Watched): void {
  const { ticket, mayClean } = run
  watched.set(ticket.run, run)
  if (mayClean)
    selfTest ??= setTimeout(() => {
      testing = test(ticket)
    }, beforeSelfTestMs)
  ship(ticket)
}

function ship(ticket: RunTicket): void {
  if (!ticket.settings.ledger) return
  const shipping = import('./shipping.ts').then(({ startShipping }) => startShipping(ticket))
  shippings.set(ticket.run, shipping)
}

async function endNormally({ ticket, mayClean }: Watched, left: boolean): Promise<void> {
  await send(ticket, answer)
  if (left && mayClean) await clean(ticket)
}

/** After the main process died. Its last records are sent at once: this machine may be gone soon. */
async function endAfterDeath({ ticket, mayClean, ended }: Watched): Promise<void> {
  await send(ticket, () => {})
  if (mayClean) await clean(ticket, ended === undefined ? 'reapAll' : ended.left ? 'reap' : 'reapLate')
}

/** Sends the rest of a run. */
async function send({ run }: RunTicket, report: (message: Answer) => void): Promise<void> {
  const shipping = shippings.get(run)
  if (!shipping) return
  shippings.delete(run)
  try {
    await (await shipping).end()
    report({ sent: run })
  } catch (error) {
    const { describeError } = await import('../errors/dustpan-error.ts')
    report({ sent: run, error: describeError(error, 'DUSTPAN_LEDGER_AWAY') })
  }
}

async function test({ settings }: RunTicket): Promise<void> {
  try {
    const { selfTest } = await import('./self-test.ts')
    await selfTest(settings)
    answer({ armed: true })
  } catch (error) {
    answer({ armed: false, why: error instanceof Error ? error.message : String(error) })
  }
}

const answer = (message: Answer): void => void process.stdout.write(`${JSON.stringify(message)}\n`)

async function clean(ticket: RunTicket, how: 'reap' | 'reapAll' | 'reapLate' = 'reap'): Promise<void> {
  try {
    const reaping = await import('./reap.ts')
    await reaping[how](ticket)
  } catch (error) {
    const { logFailure } = await import('./log-failure.ts')
    logFailure(ticket, error)
  }
}

/** Signals that end the run's processes must not end the reaper. */
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
// Once the main process is dead, nobody reads this.
process.stdout.on('error', () => {})
// With a shared ledger the run waits for it, so it keeps its priority.
if (!process.argv.includes('--sends')) setPriority(constants.priority.PRIORITY_BELOW_NORMAL)

const lines = createInterface({ input: process.stdin })
lines.on('line', (line) => handle(JSON.parse(line) as Order))
lines.on('close', async () => {
  clearTimeout(selfTest)
  const tested = Promise.race([testing, new Promise((resolve) => setTimeout(resolve, longestSelfTestMs))])
  await Promise.all([tested, ...pending, ...[...watched.values()].map(endAfterDeath)])
  process.exit(0)
})
