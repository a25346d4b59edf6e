/** Workers can outlive the main process that is about to end the run: interrupted, they are still cleaning up. */
import { clock } from '../clock/clock.ts'
import { foldRun } from '../ledger/fold.ts'
import { isCertainlyDead } from '../ledger/process-identity.ts'
import { readRun } from '../ledger/read.ts'
import type { RunTicket } from './session.ts'

/** Waits until all that have tracked something in the run are dead, at most as long as a cleanup may take. Whether they are. */
export async function workersEnd({ run, settings }: RunTicket): Promise<boolean> {
  const { writers } = foldRun(run, readRun(settings.dir, run))
  const workers = writers.filter(({ role }) => role === 'worker')
  const deadline = clock.now() + settings.cleanup.timeoutMs
  while (clock.now() < deadline && !workers.every(isCertainlyDead)) await clock.sleep(50)
  return workers.every(isCertainlyDead)
}
