/** Logs a failure to `reaper.log` in the run's folder: the reaper has no output that anybody reads. */
import { appendFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { clock } from '../clock/clock.ts'
import { describeError } from '../errors/dustpan-error.ts'
import { redact } from '../errors/redact.ts'
import type { RunTicket } from '../tracking/run-ticket.ts'

export function logFailure({ run, settings }: RunTicket, error: unknown): void {
  const folder = join(settings.dir, 'runs', run)
  const { code, message } = describeError(error, 'DUSTPAN_CLEANUP_FAILED')
  if (existsSync(folder))
    appendFileSync(join(folder, 'reaper.log'), `${clock.iso()} ${code}: ${redact(message)}\n`, { mode: 0o600 })
}
