/** Where in the user's code a creation was called. */
import { fileURLToPath } from 'node:url'
import { getCallSites } from 'node:util'

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
 * `file:line` of the nearest frame that is the user's, with the file relative to the root. The raw position is looked up
 * each time (about 2 µs); mapping it back through a source map is done once per position.
 */
export function sourceLine(root: string): string | undefined {
  const site = getCallSites(30).find(({ scriptName }) => scriptName !== '' && !isForeign(scriptName))
  if (!site) return undefined
  const position = `${site.scriptName}:${site.lineNumber}:${site.columnNumber}`
  if (!known.has(position)) known.set(position, mapped(root))
  return known.get(position)
}

/** Runners that transform sources install a mapping for `stack`, so it has the lines that the user wrote. */
function mapped(root: string): string | undefined {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 50
  const stack = String(new Error().stack)
  Error.stackTraceLimit = limit
  for (const line of stack.split('\n').slice(1)) {
    if (isForeign(line)) continue
    const found = /\(?((?:file:\/\/)?[^()\s]+?):(\d+):\d+\)?$/.exec(line.trim())
    if (found) return `${relativeTo(root, found[1] as string)}:${found[2]}`
  }
  return undefined
}

function relativeTo(root: string, file: string): string {
  const path = file.startsWith('file://') ? fileURLToPath(file) : file
  return path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path
}
