/** The start time of another process on this machine. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { pidStart } from './process-identity.ts'

/** In milliseconds since the epoch, to the second; the same for every caller. Undefined if it cannot be determined. */
export function processStart(pid: number): number | undefined {
  return startByProc(pid) ?? startByPs(pid)
}

/** On Linux: in ticks of 1/100 s since boot, plus the boot time. */
function startByProc(pid: number): number | undefined {
  const ticks = Number(pidStart(pid) ?? Number.NaN)
  const begun = Number(/^btime (\d+)$/m.exec(readOrNothing('/proc/stat'))?.[1] ?? Number.NaN)
  const start = (begun + Math.floor(ticks / 100)) * 1000
  return Number.isNaN(start) ? undefined : start
}

function readOrNothing(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

/** On other systems except Windows. */
export function startByPs(pid: number): number | undefined {
  try {
    const text = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH, LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const start = Date.parse(text.trim())
    return Number.isNaN(start) ? undefined : start
  } catch {
    return undefined
  }
}
