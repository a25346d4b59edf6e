/** Where in the user's code a creation was called. */
import { isAbsolute, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where Dustpan itself is, unbuilt or built: installed, it is in node_modules. */
const ownPackages = fileURLToPath(new URL('../../../', import.meta.url))
const ownSource = /^(?:core|vitest-plugin|drivers[\\/]\w+)[\\/](?:src|dist)[\\/]/

/** Frames that are not the user's: Node, dependencies, and Dustpan. */
function isForeign(frame: string): boolean {
  if (/node:|[\\/]node_modules[\\/]/.test(frame)) return true
  const at = frame.indexOf(ownPackages)
  return at >= 0 && ownSource.test(frame.slice(at + ownPackages.length))
}

const known = new Map<string, string | undefined>()

/**
 * `file:line` of the nearest frame that is the user's, with the file relative to the root. `entry` and what it called are not looked at.
 * The raw position is looked up each time (about 3 µs); mapping it back through a source map is done once per position.
 */
export function sourceLine(root: string, entry: Entry): string | undefined {
  const site = nearest(entry, 6) ?? nearest(entry, 50)
  if (!site) return undefined
  const position = `${site.getFileName()}:${site.getPosition()}`
  if (!known.has(position)) known.set(position, mapped(root, entry))
  return known.get(position)
}

type Entry = (...args: never[]) => unknown

/** Few frames are cheap, and nearly always enough; their parts are only worked out when they are asked for. */
function nearest(entry: Entry, frames: number): NodeJS.CallSite | undefined {
  const sites = stackBelow(entry, frames, (_, structured) => structured) as NodeJS.CallSite[]
  return sites.find((site) => {
    const file = site.getFileName()
    return typeof file === 'string' && !isForeign(file)
  })
}

function stackBelow(entry: Entry, frames: number, prepare: typeof Error.prepareStackTrace): unknown {
  const { stackTraceLimit, prepareStackTrace } = Error
  const holder: { stack?: unknown } = {}
  try {
    Error.stackTraceLimit = frames
    Error.prepareStackTrace = prepare
    Error.captureStackTrace(holder, entry)
    return holder.stack
  } finally {
    Error.stackTraceLimit = stackTraceLimit
    Error.prepareStackTrace = prepareStackTrace
  }
}

/** Runners that transform sources install a mapping for `stack`, so it has the lines that the user wrote. */
function mapped(root: string, entry: Entry): string | undefined {
  const stack = String(stackBelow(entry, 50, Error.prepareStackTrace))
  for (const line of stack.split('\n').slice(1)) {
    if (isForeign(line)) continue
    const found = /^at (?:.*? \()?(.+?):(\d+):\d+\)?$/.exec(line.trim())
    if (found) return `${relativeTo(root, found[1] as string)}:${found[2]}`
  }
  return undefined
}

function relativeTo(root: string, file: string): string {
  const path = file.startsWith('file://') ? fileURLToPath(file) : file
  const inside = relative(root, path)
  return inside.startsWith('..') || isAbsolute(inside) ? path : inside.replaceAll('\\', '/')
}
