/** Finds the line in the user's code that created a resource. */
import { findSourceMap } from 'node:module'
import { isAbsolute, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runInThisContext } from 'node:vm'

/** Dustpan's own code in this repository, source or built; when installed, it is in node_modules. */
const ownPackages = fileURLToPath(new URL('../../../', import.meta.url))
const ownSource = /^(?:drivers[\\/])?[\w-]+[\\/](?:src|dist)[\\/]/

/** Whether a frame is not the user's: Node, dependencies, and Dustpan. */
function isForeign(frame: string): boolean {
  if (/node:|[\\/]node_modules[\\/]/.test(frame)) return true
  const at = frame.indexOf(ownPackages)
  return at >= 0 && ownSource.test(frame.slice(at + ownPackages.length))
}

/**
 * `file:line` of the nearest frame in the test's own file, otherwise of the nearest user frame (a helper), with the file relative to the
 * root. Frames of `entry` and its callees are skipped. The raw position is read each time (a few µs); mapping it through a
 * source map happens once per position.
 */
export function sourceLine(root: string, testFile: string | undefined, entry: Entry): string | undefined {
  const within = (frames: number) => nearest(root, testFile, sitesOf(takeStack(entry, frames)))
  // Few frames are cheap, and nearly always enough.
  return within(12) ?? within(50)
}

/** The same for a call that will have returned by the time its line is needed: captures the stack now, and reads it later. */
export function lineLater(root: string, testFile: string | undefined, entry: Entry): () => string | undefined {
  const taken = takeStack(entry, 50)
  return () => nearest(root, testFile, sitesOf(taken))
}

export interface CallSite {
  /** An absolute path. */
  readonly file: string
  readonly line: number
}

/** Formats a position found by other means like {@link sourceLine}. */
export function lineOf(root: string, site: CallSite | undefined): string | undefined {
  return site && `${relativeTo(root, site.file)}:${site.line}`
}

/** The function that the user's code, or a client library, called. */
export type Entry = (...args: never[]) => unknown

/** Judges by the loaded file: a dependency's source map may name files that look like the user's. */
function nearest(root: string, testFile: string | undefined, sites: readonly NodeJS.CallSite[]): string | undefined {
  for (const site of preferred(sites, testFile)) {
    const place = placeOf(site)
    // A user's file may have dependencies bundled into it.
    if (!isForeign(place.file)) return `${relativeTo(root, place.file)}:${place.line}`
  }
  return undefined
}

function* preferred(sites: readonly NodeJS.CallSite[], testFile: string | undefined): Iterable<NodeJS.CallSite> {
  if (testFile !== undefined) for (const site of sites) if (site.getFileName()?.endsWith(`/${testFile}`)) yield site
  for (const site of sites) if (site.getFileName() && !isForeign(site.getFileName() as string)) yield site
}

/** The engine formats the stack only when it is read. */
function takeStack(entry: Entry, frames: number): { readonly stack?: unknown } {
  const { stackTraceLimit } = Error
  const holder = {}
  try {
    Error.stackTraceLimit = frames
    Error.captureStackTrace(holder, entry)
    return holder
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}

/** Call it only once per stack: the engine formats a stack on first read. */
function sitesOf(taken: { readonly stack?: unknown }): readonly NodeJS.CallSite[] {
  const { prepareStackTrace } = Error
  try {
    Error.prepareStackTrace = (_, sites) => sites
    return taken.stack as readonly NodeJS.CallSite[]
  } finally {
    Error.prepareStackTrace = prepareStackTrace
  }
}

interface Place {
  readonly file: string
  readonly line: number | string
}

const known = new Map<string, Place>()

/** The position in the original source, if there is a source map. */
function placeOf(site: NodeJS.CallSite): Place {
  const position = `${site.getFileName()}:${site.getPosition()}`
  const found = known.get(position) ?? mapped(site) ?? rawPlace(site)
  known.set(position, found)
  return found
}

const rawPlace = (site: NodeJS.CallSite): Place => ({
  file: site.getFileName() ?? '',
  line: site.getLineNumber() ?? 0,
})

/** Runners that transform sources install a source map hook for `stack`; otherwise Node's own is used. */
function mapped(site: NodeJS.CallSite): Place | undefined {
  const prepareStackTrace = Error.prepareStackTrace ?? outerError().prepareStackTrace
  if (typeof prepareStackTrace !== 'function') return mappedByNode(site)
  try {
    return placeIn(String(prepareStackTrace(new Error(), [site])))
  } catch {
    return undefined
  }
}

/** In a vm context the runner's hook is in the outer realm. */
const outerError = (): ErrorConstructor => runInThisContext('Error')

function mappedByNode(site: NodeJS.CallSite): Place | undefined {
  const map = findSourceMap(site.getFileName() ?? '')
  const origin = map?.findOrigin(site.getLineNumber() ?? 0, site.getColumnNumber() ?? 0)
  return origin && 'fileName' in origin ? { file: origin.fileName, line: origin.lineNumber } : undefined
}

function placeIn(stack: string): Place | undefined {
  for (const line of stack.split('\n')) {
    const [, file, at] = /^at (?:async )?(?:.*? \()?(.+?):(\d+):\d+\)?$/.exec(line.trim()) ?? []
    if (file !== undefined && at !== undefined) return { file, line: at }
  }
  return undefined
}

function relativeTo(root: string, file: string): string {
  const path = file.startsWith('file://') ? fileURLToPath(file) : file
  const inside = relative(root, path)
  return inside.startsWith('..') || isAbsolute(inside) ? path : inside.replaceAll('\\', '/')
}
