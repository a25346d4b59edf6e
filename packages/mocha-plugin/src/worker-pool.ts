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
    await Promise.race([Promise.all(workers.map(endWorker)), new Promise((resolve) => setTimeout(resolve, deadlineMs))])
  }
}

async function endWorker(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null) return
  const exit = once(worker, 'exit')
  worker.kill('SIGINT')
  await exit
}
