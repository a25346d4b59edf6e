/** Finds the processes of a round, which have its folder in their environment, even if they detached themselves. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

export function processesOf(round: string): number[] {
  if (!existsSync('/proc/self/environ')) throw new Error('Processes are looked for in /proc, which is not there.')
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && read(name, 'environ').split('\0').includes(`CHAOS_ROUND=${round}`))
    .filter((name) => !/\) Z /.test(read(name, 'stat')))
    .map(Number)
}

export const isReaper = (pid: number): boolean => /reaper.program/.test(read(String(pid), 'cmdline'))

/** Resolves to whether they ended in time. */
export async function allEnd(find: () => readonly number[], patienceMs: number): Promise<boolean> {
  const until = Date.now() + patienceMs
  while (find().length > 0) {
    if (Date.now() > until) return false
    await sleep(100)
  }
  return true
}

/** Empty if the process has ended in the meantime. */
function read(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}
