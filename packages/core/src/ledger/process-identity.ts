/** Which process this is, certainly: a pid alone is used again. */
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { threadId } from 'node:worker_threads'
import { clock } from '../clock/clock.ts'

export interface ProcessIdentity {
  readonly host: string
  readonly boot: string
  readonly pidNs?: string
  readonly pid: number
  readonly pidStart: string
  readonly thread: number
}

export function thisProcess(): ProcessIdentity {
  const pidNs = attempt(() => readlinkSync('/proc/self/ns/pid'))
  return {
    host: hostname(),
    boot: attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()) ?? '',
    ...(pidNs === undefined ? {} : { pidNs }),
    pid: process.pid,
    pidStart: pidStart(process.pid) ?? String(Math.round(clock.now() - process.uptime() * 1000)),
    thread: threadId,
  }
}

/** Start time of a process in clock ticks since boot: field 22 of /proc/<pid>/stat, after the command in brackets. */
export function pidStart(pid: number): string | undefined {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, 'utf8'))
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
