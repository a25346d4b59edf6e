/** The processes of `--parallel`. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { Runner, WorkerPool } from './mocha.ts'

/** By itself Mocha kills its workers on Ctrl-C, and then itself. Gives what ends them in order instead. */
export function takeOverWorkers(runner: Runner, deadlineMs: number): () => Promise<void> {
  let pool: WorkerPool | undefined
  runner._bindSigIntListener = (its) => {
    pool = its
    return () => {}
  }
  return async () => {
    // As Mocha's own listener says it: that workers are gone is no failure.
    if (runner._state === 'RUNNING') runner._state = 'ABORTING'
    const workers = (pool?._pool?.workers ?? []).flatMap(({ worker }) => worker ?? [])
    await Promise.all(workers.map((worker) => endWorker(worker, deadlineMs)))
  }
}

/** Whoever takes too long is killed: what it has created is removed by the main process only when it is certainly dead. */
async function endWorker(worker: ChildProcess, deadlineMs: number): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null) return
  const exit = once(worker, 'exit')
  worker.kill('SIGINT')
  const late = setTimeout(() => worker.kill('SIGKILL'), deadlineMs)
  await exit
  clearTimeout(late)
}
