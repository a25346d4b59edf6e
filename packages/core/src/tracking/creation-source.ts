/** The line of the user's code that created a resource, at a cost that bulk creation can bear. */
import type { Scope } from './scope.ts'
import { type CallSite, type Entry, lineLater, lineOf, sourceLine } from './source-line.ts'
import type { Tracking } from './tracking.ts'

/** Reading the stack costs 3 to 5 µs: more creations than this, of one type in one scope, come from a loop. */
const maxLooks = 20

interface Seen {
  count: number
  last: string | undefined
}

const seenIn = new WeakMap<Scope, Map<string, Seen>>()

/** The line of the call; after the twentieth creation of a type in one scope, the line of the twentieth. */
export function creationSource(
  { settings: { sourceLines, root }, callSite }: Tracking,
  scope: Scope,
  type: string,
  { entry, line }: Caller,
  site?: CallSite,
): string | undefined {
  if (!sourceLines) return undefined
  const seen = seenOf(scope, type)
  if (seen.count++ < maxLooks)
    seen.last = sourceLine(root, scope.identity.file, entry) ?? line?.() ?? lineOf(root, site ?? callSite?.())
  return seen.last
}

/** `entry`: the function that the user called. `line`: for an entry that may have returned by now. */
export interface Caller {
  readonly entry: Entry
  readonly line?: () => string | undefined
}

/**
 * The caller of a creation that is announced later, when its type is known. Has a line for the first hundred calls in a scope, and for the
 * first twenty that are alike (the same statement).
 */
export function callerNow(
  { settings: { sourceLines, root } }: Tracking,
  scope: Scope,
  entry: Entry,
  alike: string | undefined,
): Caller {
  if (!sourceLines || !isLookedAt(scope, alike)) return { entry }
  return { entry, line: lineLater(root, scope.identity.file, entry) }
}

interface Calls {
  all: number
  readonly alike: Map<string, number>
}

const callsIn = new WeakMap<Scope, Calls>()

function isLookedAt(scope: Scope, alike: string | undefined): boolean {
  const calls = callsIn.get(scope) ?? { all: 0, alike: new Map() }
  if (calls.all === 0) callsIn.set(scope, calls)
  if (calls.all >= 5 * maxLooks) return false
  if (alike !== undefined) {
    const before = calls.alike.get(alike) ?? 0
    if (before >= maxLooks) return false
    calls.alike.set(alike, before + 1)
  }
  calls.all++
  return true
}

function seenOf(scope: Scope, type: string): Seen {
  let types = seenIn.get(scope)
  if (!types) {
    types = new Map()
    seenIn.set(scope, types)
  }
  let seen = types.get(type)
  if (!seen) {
    seen = { count: 0, last: undefined }
    types.set(type, seen)
  }
  return seen
}
