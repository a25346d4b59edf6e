/**
 * Finds and ends all processes of the command, also background ones, by its environment. Where that is unknown, only processes
 * that tracked something.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { killWorkers, type RunTicket, workersEnd } from '@dustpan/core/runner'

/** Waits until all processes have ended. Resolves to false after the timeout. */
export async function allEnd(ticket: RunTicket, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs
  while (descendants(ticket).length > 0) {
    if (performance.now() > deadline) return false
    await sleep(50)
  }
  return workersEnd(ticket, Math.max(0, deadline - performance.now()))
}

export function killAll(ticket: RunTicket): void {
  for (const pid of descendants(ticket)) kill(pid)
  killWorkers(ticket)
}

/** Empty on systems other than Linux. */
function descendants({ run }: RunTicket): readonly number[] {
  const pids = readOr('/proc', (folder) => readdirSync(folder), []).map(Number)
  return pids.filter((pid) => pid > 0 && pid !== process.pid && isOf(run, pid))
}

/** A zombie process has no environment. */
const isOf = (run: string, pid: number): boolean =>
  readOr(`/proc/${pid}/environ`, (file) => readFileSync(file, 'utf8'), '').includes(`DUSTPAN_EXEC={"run":"${run}"`)

function readOr<T>(path: string, read: (path: string) => T, otherwise: T): T {
  try {
    return read(path)
  } catch {
    return otherwise
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended, or belongs to another user.
  }
}
