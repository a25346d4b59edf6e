/** Counts processes that may repeat a signal which the terminal sends to its whole foreground group: npm and similar do, once each. */
import { readFileSync, readlinkSync } from 'node:fs'
import { basename } from 'node:path'

/** Shells, make and similar programs wait for their children, and repeat nothing. */
const runtimes: ReadonlySet<string> = new Set(['node', 'nodejs', 'bun', 'deno'])

interface Relations {
  readonly parent: number
  readonly group: number
}

/** The number of JavaScript programs above this process, in the same process group. */
export function countRepeaters(): number {
  const own = relationsOf(process.pid)
  // Without /proc only the package manager's variable is known.
  if (!own) return process.env.npm_execpath === undefined ? 0 : 1
  let count = 0
  for (let above = own.parent; above > 0; ) {
    const relations = relationsOf(above)
    if (relations?.group !== own.group) break
    if (runtimes.has(programOf(above))) count++
    above = relations.parent
  }
  return count
}

/** Fields 4 and 5 of /proc/<pid>/stat, after the command in brackets. */
function relationsOf(pid: number): Relations | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [, parent, group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { parent: Number(parent), group: Number(group) }
  } catch {
    return undefined
  }
}

/** Empty for another user's process. */
function programOf(pid: number): string {
  try {
    return basename(readlinkSync(`/proc/${pid}/exe`))
  } catch {
    return ''
  }
}
