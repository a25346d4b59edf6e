/** The processes that were started as part of a run and live: what they may still create, no record tells yet. */
import { readdirSync, readFileSync } from 'node:fs'

/** By the run's id in the environment that they were started with. None where the system does not show that (no /proc). */
export function processesOf(run: string): readonly number[] {
  const variable = `\0DUSTPAN_RUN_ID=${run}\0`
  return pids().filter((pid) => pid !== process.pid && environmentOf(pid).includes(variable))
}

function pids(): readonly number[] {
  try {
    return readdirSync('/proc').filter(isPid).map(Number)
  } catch {
    return []
  }
}

const isPid = (name: string): boolean => /^\d+$/.test(name)

/** Empty for one that is somebody else's, or has ended. */
function environmentOf(pid: number): string {
  try {
    return `\0${readFileSync(`/proc/${pid}/environ`, 'utf8')}`
  } catch {
    return ''
  }
}
