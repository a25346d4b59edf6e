/** Waits for workers that outlive the main process: after an interruption they may still be cleaning up. */
import { clock } from '../clock/clock.ts'
import type { WriterIdentity } from '../journal/events.ts'
import { readRunIfThere } from '../journal/read.ts'
import { foldRun } from '../ledger/fold.ts'
import { isCertainlyDead, isObservable } from '../processes/process-identity.ts'
import type { RunTicket } from '../tracking/run-ticket.ts'

/** Waits until all workers with records in the run are dead, by default up to `cleanup.timeout`. Returns whether they are. */
export async function workersEnd(
  { run, settings }: RunTicket,
  timeoutMs = settings.cleanup.timeoutMs,
): Promise<boolean> {
  const workers = workersOf(settings.dir, run)
  const deadline = clock.now() + timeoutMs
  while (clock.now() < deadline && !workers.every(isCertainlyDead)) await clock.sleep(50)
  return workers.every(isCertainlyDead)
}

/** Only processes that this machine can observe. */
export function killWorkers({ run, settings }: RunTicket): void {
  for (const worker of workersOf(settings.dir, run)) {
    // A thread of this process ends with it.
    if (worker.pid !== process.pid && isObservable(worker) && !isCertainlyDead(worker)) kill(worker.pid)
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has just ended, or belongs to another user.
  }
}

/** Empty if nothing was tracked in the run. */
function workersOf(dir: string, run: string): readonly WriterIdentity[] {
  return foldRun(run, readRunIfThere(dir, run) ?? []).writers.filter(({ role }) => role === 'worker')
}
