/** Identifies a process beyond its pid, which the system reuses. */
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
  /** From another machine, by way of a shared ledger or CI job; its name may be the same as this one's. */
  readonly elsewhere?: true
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

/** Whether this machine can tell if the process is alive: it runs here, and its pid is in the same namespace. */
export function isObservable(
  { host, boot, pidNs, elsewhere }: ProcessIdentity,
  here: ProcessIdentity = thisProcess(),
): boolean {
  return !elsewhere && host === here.host && (isOtherBoot(boot, here.boot) || pidNs === here.pidNs)
}

/** Never guesses: a process of another machine or pid namespace is not known to be dead. */
export function isCertainlyDead(identity: ProcessIdentity): boolean {
  const here = thisProcess()
  if (!isObservable(identity, here)) return false
  if (isOtherBoot(identity.boot, here.boot)) return true
  const start = pidStart(identity.pid)
  return start === undefined ? !exists(identity.pid) : start !== identity.pidStart
}

/** The same name, boot and container, wherever the identity comes from. */
export function isSameMachine(one: ProcessIdentity, other: ProcessIdentity): boolean {
  return one.host === other.host && one.boot !== '' && one.boot === other.boot && one.pidNs === other.pidNs
}

const isOtherBoot = (boot: string, here: string): boolean => boot !== '' && here !== '' && boot !== here

/**
 * Start time of a process in clock ticks since boot: field 22 of /proc/<pid>/stat, after the command in brackets.
 * Undefined without /proc. `exited` for a zombie: it has ended, and only waits to be reaped by its parent (field 3).
 */
export function pidStart(pid: number): string | undefined {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, 'utf8'))
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields?.[0] === 'Z' || fields?.[0] === 'X' ? 'exited' : fields?.[19]
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
