/** Workers can outlive the main process that is about to end the run: interrupted, they are still cleaning up. */
import { clock } from '../clock/clock.ts'
import type { WriterIdentity } from '../ledger/events.ts'
import { foldRun } from '../ledger/fold.ts'
import { isCertainlyDead, isObservable } from '../ledger/process-identity.ts'
import { readRunIfThere } from '../ledger/read.ts'
import type { RunTicket } from '../tracking/run-ticket.ts'

/** Waits until all that have tracked something in the run are dead, by default as long as a cleanup may take. Whether they are. */
export async function workersEnd(
  { run, settings }: RunTicket,
  timeoutMs = settings.cleanup.timeoutMs,
): Promise<boolean> {
  const workers = workersOf(settings.dir, run)
  const deadline = clock.now() + timeoutMs
  while (clock.now() < deadline && !workers.every(isCertainlyDead)) await clock.sleep(50)
  return workers.every(isCertainlyDead)
}

/** Those that this machine can be sure of. */
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
    // It ended by itself, or is somebody else's.
  }
}

/** Of a run in which nothing was tracked there are none. */
function workersOf(dir: string, run: string): readonly WriterIdentity[] {
  return foldRun(run, readRunIfThere(dir, run) ?? []).writers.filter(({ role }) => role === 'worker')
}
