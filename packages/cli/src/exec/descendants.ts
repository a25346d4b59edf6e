/** All processes of the command, also those that it left behind: they have its environment. Where nothing tells, those that tracked something. */
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { killWorkers, type RunTicket, workersEnd } from '@dustpan/core/runner'

/** Waits until all of them have ended, at most for so long. Whether they have. */
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

/** Linux; elsewhere none. */
function descendants({ run }: RunTicket): readonly number[] {
  const pids = readOr('/proc', (folder) => readdirSync(folder), []).map(Number)
  return pids.filter((pid) => pid > 0 && pid !== process.pid && isOf(run, pid))
}

/** A process that has exited, and that nobody has asked for yet, has no environment. */
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
    // It ended by itself, or is somebody else's.
  }
}
