/** In the main process: follows and ends the workers that Jest starts. */
import type { ChildProcess } from 'node:child_process'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { BroadcastChannel } from 'node:worker_threads'

export interface Workers extends Disposable {
  /** Passes Ctrl-C on to the workers and waits until each has cleaned up: processes have then exited, threads are blocked. */
  drain(): Promise<unknown>
  /** For the end only: Jest runs the files of a killed worker again. */
  kill(): void
}

/** Node's diagnostics channel reports each child process that starts; threads report themselves. */
export function followWorkers(run: string): Workers {
  const children: ChildProcess[] = []
  const started = (message: unknown) => void children.push((message as { process: ChildProcess }).process)
  subscribe('child_process', started)
  const threads = followThreads(run)
  const workers = () => children.filter(({ connected, spawnargs }) => connected && spawnargs.some(isJestWorker))
  return {
    drain: () => Promise.all([...workers().map(drain), threads.drain()]),
    kill() {
      for (const child of children.filter(({ spawnargs }) => spawnargs.some(isJestWorker))) child.kill('SIGKILL')
    },
    [Symbol.dispose]() {
      unsubscribe('child_process', started)
      threads[Symbol.dispose]()
    },
  }
}

const isJestWorker = (argument: string): boolean => /[\\/]jest-worker[\\/].*processChild/.test(argument)

/**
 * The terminal signals all processes, other senders only the main one. The worker is killed when it is done, as its test would
 * go on and create more. Jest's exit listener is removed first, as it would report the file as failed.
 */
async function drain(child: ChildProcess): Promise<void> {
  const drained = once(child, 'disconnect')
  child.kill('SIGINT')
  await drained
  child.removeAllListeners('exit')
  const exit = once(child, 'exit')
  child.kill('SIGKILL')
  if (child.exitCode === null && child.signalCode === null) await exit
}

function followThreads(run: string) {
  const channel = new BroadcastChannel(`dustpan/${run}`)
  let open = 0
  let drained = () => {}
  channel.onmessage = ({ data }: { data: unknown }) => {
    open += data === 'open' ? 1 : -1
    if (open === 0) drained()
  }
  channel.unref()
  return {
    drain: () =>
      new Promise<void>((resolve) => {
        drained = resolve
        if (open === 0) resolve()
        channel.postMessage('interrupted')
      }),
    [Symbol.dispose]: () => channel.close(),
  }
}
