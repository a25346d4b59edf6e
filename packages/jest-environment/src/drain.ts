/** The session's end before its time: Ctrl-C closes the scopes that are open, and no test begins any more. */
import { BroadcastChannel, isMainThread } from 'node:worker_threads'
import type { RunnerSession, RunTicket } from '@dustpan/core/worker'

let session: RunnerSession | undefined
let interrupted = false

/** What never comes, once there was a Ctrl-C: Jest waits for it before a test begins. */
export const untilTestsMayBegin = (): Promise<never> | undefined => (interrupted ? new Promise(() => {}) : undefined)

export async function drainSession(): Promise<void> {
  interrupted = true
  await session?.interrupt()
}

/** When the main process runs the tests itself: what it removes at the end of the run is nothing that a test does. */
export async function leaveSession(): Promise<void> {
  await session?.[Symbol.asyncDispose]()
}

/** In a worker, the main process learns when it is done. */
export function drainOnInterrupt({ run, main, settings }: RunTicket, joined: RunnerSession): void {
  const isFirst = session === undefined
  session = joined
  if (!isFirst) return
  if (!isMainThread) drainThread(run, settings.cleanup.interruptTimeoutMs)
  else if (main?.pid !== process.pid) process.once('SIGINT', () => drainProcess(settings.cleanup.interruptTimeoutMs))
}

/**
 * The main process ends this one as soon as it hears nothing more of it. Until then it must not die, as Jest would run its file again, and do
 * nothing more either: its test would go on. Where nobody ends it, the signal was for this process alone: it dies of it late, but as it would
 * have without Dustpan.
 */
async function drainProcess(interruptTimeoutMs: number): Promise<void> {
  process.on('SIGINT', () => {})
  await drainSession()
  process.send = () => true
  process.once('disconnect', () => {
    standStill(interruptTimeoutMs + graceMs)
    dieOfIt()
  })
  process.disconnect()
}

const standStill = (ms: number): unknown => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)

const graceMs = 5_000

function dieOfIt(): void {
  process.removeAllListeners('SIGINT')
  process.kill(process.pid, 'SIGINT')
}

/** A thread gets no signals, and ends with the main process. */
function drainThread(run: string, interruptTimeoutMs: number): void {
  const channel = new BroadcastChannel(`dustpan/${run}`)
  channel.postMessage('open')
  channel.onmessage = async ({ data }: { data: unknown }) => {
    if (data !== 'interrupted') return
    await drainSession()
    channel.postMessage('drained')
    standStill(interruptTimeoutMs + graceMs)
  }
  channel.unref()
}
