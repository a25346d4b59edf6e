/** In the main process: the workers that Jest has started. */
import type { ChildProcess } from 'node:child_process'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { BroadcastChannel } from 'node:worker_threads'

export interface Workers extends Disposable {
  /** Tells them of Ctrl-C, and waits until each has cleaned up; processes are dead then, and threads stand still. */
  drain(): Promise<unknown>
  /** Jest would run the files of workers that die once more: this is for when it is over. */
  kill(): void
}

/** Node says when a process or a thread is started. */
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
 * The terminal tells them all, and other senders of the signal only the main process. Its test would go on, and create more: it is killed, which
 * Jest does not hear of, as it would tell that the file failed.
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
