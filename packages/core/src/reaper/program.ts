/**
 * A process of its own that outlives the run which it watches over: when the pipe from the main process ends without a word, that is dead,
 * and its run is cleaned up from the ledger. Nothing else is loaded before it is needed.
 */
import { constants, setPriority } from 'node:os'
import { createInterface } from 'node:readline'
import type { Answer, Order } from '../runner/reaper-orders.ts'
import type { RunTicket } from '../tracking/run-ticket.ts'
import type { Shipping } from './shipping.ts'

/** A run that is over sooner costs no self-test. */
const beforeSelfTestMs = 500
/** It has a folder of its own, which would be left. */
const longestSelfTestMs = 5_000

const watched = new Map<string, Watched>()
const handedOver: Promise<void>[] = []
let selfTest: NodeJS.Timeout | undefined
let testing: Promise<void> | undefined

/** By run, where there is a shared ledger. */
const shippings = new Map<string, Promise<Shipping>>()

function obey(order: Order): void {
  if ('watch' in order) {
    watch({ ticket: order.watch, mayClean: !order.sendOnly })
    return
  }
  const run = watched.get(order.over)
  if (!run) return
  if (order.goesOn) {
    watched.set(order.over, { ...run, ended: order })
    handedOver.push(send(run.ticket, answer).then(() => ship(run.ticket)))
    return
  }
  watched.delete(order.over)
  handedOver.push(endInOrder(run, order.left))
}

interface Watched {
  readonly ticket: RunTicket
  readonly mayClean: boolean
  /** Though its tests go on. */
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

async function endInOrder({ ticket, mayClean }: Watched, left: boolean): Promise<void> {
  await send(ticket, answer)
  if (left && mayClean) await clean(ticket)
}

/** What a dead process has recorded last is sent at once: this machine may be gone soon. */
async function endAfter({ ticket, mayClean, ended }: Watched): Promise<void> {
  await send(ticket, () => {})
  if (mayClean) await clean(ticket, ended === undefined ? 'reapAll' : ended.left ? 'reap' : 'reapLate')
}

/** The rest of a run. */
async function send({ run }: RunTicket, tell: (told: Answer) => void): Promise<void> {
  const shipping = shippings.get(run)
  if (!shipping) return
  shippings.delete(run)
  try {
    await (await shipping).end()
    tell({ sent: run })
  } catch (error) {
    const { describeError } = await import('../errors/dustpan-error.ts')
    tell({ sent: run, error: describeError(error, 'DUSTPAN_LEDGER_AWAY') })
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

const answer = (told: Answer): void => void process.stdout.write(`${JSON.stringify(told)}\n`)

async function clean(ticket: RunTicket, how: 'reap' | 'reapAll' | 'reapLate' = 'reap'): Promise<void> {
  try {
    const reaping = await import('./reap.ts')
    await reaping[how](ticket)
  } catch (error) {
    const { tellReaped } = await import('./tell-reaped.ts')
    tellReaped(ticket, error)
  }
}

/** What ends the run's processes is not for this one. */
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
// Nobody reads any more once the main process is dead.
process.stdout.on('error', () => {})
// A run waits for what it sends.
if (!process.argv.includes('--sends')) setPriority(constants.priority.PRIORITY_BELOW_NORMAL)

const lines = createInterface({ input: process.stdin })
lines.on('line', (line) => obey(JSON.parse(line) as Order))
lines.on('close', async () => {
  clearTimeout(selfTest)
  const tested = Promise.race([testing, new Promise((resolve) => setTimeout(resolve, longestSelfTestMs))])
  await Promise.all([tested, ...handedOver, ...[...watched.values()].map(endAfter)])
  process.exit(0)
})
