/** Ends the worker processes of `--parallel` on Ctrl-C. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { Runner, WorkerPool } from './mocha.ts'

/** Replaces Mocha's Ctrl-C listener, which kills the workers and then itself. Returns a function that ends the workers in order. */
export function takeOverWorkers(runner: Runner, deadlineMs: number): () => Promise<void> {
  let pool: WorkerPool | undefined
  runner._bindSigIntListener = (workerPool) => {
    pool = workerPool
    return () => {}
  }
  return async () => {
    // As Mocha's own listener does, so that ended workers do not count as failures.
    if (runner._state === 'RUNNING') runner._state = 'ABORTING'
    const workers = (pool?._pool?.workers ?? []).flatMap(({ worker }) => worker ?? [])
    await Promise.all(workers.map((worker) => endWorker(worker, deadlineMs)))
  }
}

/** Kills a worker that takes too long: the main process removes its resources only when it is certainly dead. */
async function endWorker(worker: ChildProcess, deadlineMs: number): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null) return
  const exit = once(worker, 'exit')
  worker.kill('SIGINT')
  const late = setTimeout(() => worker.kill('SIGKILL'), deadlineMs)
  await exit
  clearTimeout(late)
}
