/** Where in the user's code a creation was called. */
import { isAbsolute, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where Dustpan itself is, unbuilt or built: installed, it is in node_modules. */
const ownPackages = fileURLToPath(new URL('../../../', import.meta.url))
const ownSource = /^(?:drivers[\\/])?[\w-]+[\\/](?:src|dist)[\\/]/

/** Frames that are not the user's: Node, dependencies, and Dustpan. */
function isForeign(frame: string): boolean {
  if (/node:|[\\/]node_modules[\\/]/.test(frame)) return true
  const at = frame.indexOf(ownPackages)
  return at >= 0 && ownSource.test(frame.slice(at + ownPackages.length))
}

const known = new Map<string, string | undefined>()

/**
 * `file:line` of the nearest frame in the test's own file, else of the nearest that is the user's (a helper), with the file relative to the
 * root. `entry` and what it called are not looked at. The raw position is looked up each time (a few µs); mapping it back through a
 * source map is done once per position.
 */
export function sourceLine(root: string, testFile: string | undefined, entry: Entry): string | undefined {
  const site = nearest(testFile, entry, 12) ?? nearest(testFile, entry, 50)
  if (!site) return undefined
  const position = `${site.getFileName()}:${site.getPosition()}`
  if (!known.has(position)) known.set(position, mapped(root, testFile, entry))
  return known.get(position)
}

/** The same, for a call that will have returned when its line is asked for: the stack is taken now, and read then. */
export function lineLater(root: string, testFile: string | undefined, entry: Entry): () => string | undefined {
  const taken = takeStack(entry, 50)
  return () => lineIn(String(taken.stack), root, testFile)
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

/** Few frames are cheap, and nearly always enough; their parts are only worked out when they are asked for. */
function nearest(testFile: string | undefined, entry: Entry, frames: number): NodeJS.CallSite | undefined {
  const sites = stackBelow(entry, frames, (_, structured) => structured) as NodeJS.CallSite[]
  return preferred(sites, testFile, (site) => site.getFileName() ?? '')
}

function preferred<T>(frames: readonly T[], testFile: string | undefined, fileOf: (frame: T) => string): T | undefined {
  const inTest = testFile === undefined ? undefined : frames.find((frame) => fileOf(frame).endsWith(`/${testFile}`))
  return inTest ?? frames.find((frame) => fileOf(frame) !== '' && !isForeign(fileOf(frame)))
}

function stackBelow(entry: Entry, frames: number, prepare: typeof Error.prepareStackTrace): unknown {
  const { prepareStackTrace } = Error
  try {
    Error.prepareStackTrace = prepare
    return takeStack(entry, frames).stack
  } finally {
    Error.prepareStackTrace = prepareStackTrace
  }
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

/** Runners that transform sources install a mapping for `stack`, so it has the lines that the user wrote. */
function mapped(root: string, testFile: string | undefined, entry: Entry): string | undefined {
  return lineIn(String(stackBelow(entry, 50, Error.prepareStackTrace)), root, testFile)
}

function lineIn(stack: string, root: string, testFile: string | undefined): string | undefined {
  const frames = stack.split('\n').flatMap((line) => {
    const found = /^at (?:async )?(?:.*? \()?(.+?):(\d+):\d+\)?$/.exec(line.trim())
    return found ? [{ file: found[1] as string, line: found[2] }] : []
  })
  const frame = preferred(frames, testFile, ({ file }) => file)
  return frame && `${relativeTo(root, frame.file)}:${frame.line}`
}

function relativeTo(root: string, file: string): string {
  const path = file.startsWith('file://') ? fileURLToPath(file) : file
  const inside = relative(root, path)
  return inside.startsWith('..') || isAbsolute(inside) ? path : inside.replaceAll('\\', '/')
}
