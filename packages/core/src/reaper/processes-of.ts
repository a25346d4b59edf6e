/** Finds live processes that were started as part of a run: they may create resources before they have any record. */
import { readdirSync, readFileSync } from 'node:fs'

/** By the run's id in their initial environment. Empty on systems that do not show it (no /proc). */
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

/** Empty for another user's process, or one that has ended. */
function environmentOf(pid: number): string {
  try {
    return `\0${readFileSync(`/proc/${pid}/environ`, 'utf8')}`
  } catch {
    return ''
  }
}
