/** Who may repeat a signal that a terminal has sent to all of its foreground group: npm and its like do, each once. */
import { readFileSync, readlinkSync } from 'node:fs'
import { basename } from 'node:path'

/** Shells, make and such wait for what they have started, and say nothing. */
const runtimes: ReadonlySet<string> = new Set(['node', 'nodejs', 'bun', 'deno'])

interface Relations {
  readonly parent: number
  readonly group: number
}

/** How many programs in JavaScript above this one are in its process group. */
export function countRepeaters(): number {
  const own = relationsOf(process.pid)
  // Without /proc: the package manager says so.
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

/** Of another user's process nothing is known. */
function programOf(pid: number): string {
  try {
    return basename(readlinkSync(`/proc/${pid}/exe`))
  } catch {
    return ''
  }
}
