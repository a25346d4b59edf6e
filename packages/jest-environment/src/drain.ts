/** Ctrl-C: closes the open scopes of this process and lets no further test begin. */
import { BroadcastChannel, isMainThread } from 'node:worker_threads'
import type { RunnerSession, RunTicket } from '@dustpan/core/worker'

let session: RunnerSession | undefined
let interrupted = false

/** After Ctrl-C, a promise that never settles: Jest waits for it before it begins a test. */
export const blockIfInterrupted = (): Promise<never> | undefined => (interrupted ? new Promise(() => {}) : undefined)

export async function drainSession(): Promise<void> {
  interrupted = true
  await session?.interrupt()
}

/** For a main process that runs the tests itself: what it removes at the end of the run must not count as a test's own calls. */
export async function leaveSession(): Promise<void> {
  await session?.[Symbol.asyncDispose]()
}

/** In a worker, also signals the main process when the cleanup is done. */
export function drainOnInterrupt({ run, main, settings }: RunTicket, joined: RunnerSession): void {
  const isFirst = session === undefined
  session = joined
  if (!isFirst) return
  if (!isMainThread) drainThread(run, settings.cleanup.interruptTimeoutMs)
  else if (main?.pid !== process.pid) process.once('SIGINT', () => drainProcess(settings.cleanup.interruptTimeoutMs))
}

/**
 * Disconnects after the cleanup, whereupon the main process kills this one. Until then it must not exit, as Jest would run its
 * file again, and must block, as its test would go on. If it is not killed, the signal was for this process alone: it then
 * exits by that signal, late.
 */
async function drainProcess(interruptTimeoutMs: number): Promise<void> {
  process.on('SIGINT', () => {})
  await drainSession()
  process.send = () => true
  process.once('disconnect', () => {
    blockThread(interruptTimeoutMs + graceMs)
    exitBySignal()
  })
  process.disconnect()
}

const blockThread = (ms: number): unknown => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)

const graceMs = 5_000

function exitBySignal(): void {
  process.removeAllListeners('SIGINT')
  process.kill(process.pid, 'SIGINT')
}

/** A thread receives no signals, and ends with the main process. */
function drainThread(run: string, interruptTimeoutMs: number): void {
  const channel = new BroadcastChannel(`dustpan/${run}`)
  channel.postMessage('open')
  channel.onmessage = async ({ data }: { data: unknown }) => {
    if (data !== 'interrupted') return
    await drainSession()
    channel.postMessage('drained')
    blockThread(interruptTimeoutMs + graceMs)
  }
  channel.unref()
}
