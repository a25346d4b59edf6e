/** Where in the user's code a creation was called. */
import { findSourceMap } from 'node:module'
import { isAbsolute, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runInThisContext } from 'node:vm'

/** Where Dustpan itself is, unbuilt or built: installed, it is in node_modules. */
const ownPackages = fileURLToPath(new URL('../../../', import.meta.url))
const ownSource = /^(?:drivers[\\/])?[\w-]+[\\/](?:src|dist)[\\/]/

/** Frames that are not the user's: Node, dependencies, and Dustpan. */
function isForeign(frame: string): boolean {
  if (/node:|[\\/]node_modules[\\/]/.test(frame)) return true
  const at = frame.indexOf(ownPackages)
  return at >= 0 && ownSource.test(frame.slice(at + ownPackages.length))
}

/**
 * `file:line` of the nearest frame in the test's own file, else of the nearest that is the user's (a helper), with the file relative to the
 * root. `entry` and what it called are not looked at. The raw position is looked up each time (a few µs); mapping it back through a
 * source map is done once per position.
 */
export function sourceLine(root: string, testFile: string | undefined, entry: Entry): string | undefined {
  const within = (frames: number) => nearest(root, testFile, sitesOf(takeStack(entry, frames)))
  // Few frames are cheap, and nearly always enough.
  return within(12) ?? within(50)
}

/** The same, for a call that will have returned when its line is asked for: the stack is taken now, and read then. */
export function lineLater(root: string, testFile: string | undefined, entry: Entry): () => string | undefined {
  const taken = takeStack(entry, 50)
  return () => nearest(root, testFile, sitesOf(taken))
}

export interface CallSite {
  /** An absolute path. */
  readonly file: string
  readonly line: number
}

/** A place that somebody else has found, as {@link sourceLine} tells it. */
export function lineOf(root: string, site: CallSite | undefined): string | undefined {
  return site && `${relativeTo(root, site.file)}:${site.line}`
}

/** The function that the user, or a client library, called. */
export type Entry = (...args: never[]) => unknown

/** By the file that was loaded: a dependency's own source map may name one that looks like the user's. */
function nearest(root: string, testFile: string | undefined, sites: readonly NodeJS.CallSite[]): string | undefined {
  for (const site of preferred(sites, testFile)) {
    const place = placeOf(site)
    // A file may have dependencies bundled in it.
    if (!isForeign(place.file)) return `${relativeTo(root, place.file)}:${place.line}`
  }
  return undefined
}

function* preferred(sites: readonly NodeJS.CallSite[], testFile: string | undefined): Iterable<NodeJS.CallSite> {
  if (testFile !== undefined) for (const site of sites) if (site.getFileName()?.endsWith(`/${testFile}`)) yield site
  for (const site of sites) if (site.getFileName() && !isForeign(site.getFileName() as string)) yield site
}

/** The engine puts it into words when it is read. */
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

/** To be asked for once. */
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

/** As the user wrote it, where what runs was made from that. */
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

/** Runners that transform sources install a mapping for `stack`, and Node has one of its own. */
function mapped(site: NodeJS.CallSite): Place | undefined {
  const prepareStackTrace = Error.prepareStackTrace ?? outerError().prepareStackTrace
  if (typeof prepareStackTrace !== 'function') return mappedByNode(site)
  try {
    return placeIn(String(prepareStackTrace(new Error(), [site])))
  } catch {
    return undefined
  }
}

/** In a vm context the runner's mapping is outside of it. */
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
