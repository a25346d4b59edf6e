/** Which line of the user's code created a thing, at a price that bulk creation can pay. */
import type { Scope } from './scope.ts'
import { type CallSite, type Entry, lineLater, lineOf, sourceLine } from './source-line.ts'
import type { Tracking } from './tracking.ts'

/** Looking at the stack costs 3 to 5 µs: beyond so many of a type in one scope, they come from a loop. */
const looks = 20

interface Seen {
  count: number
  last: string | undefined
}

const seenIn = new WeakMap<Scope, Map<string, Seen>>()

/** The line of the call; after the twentieth of a type in one scope, the line of the twentieth. */
export function creationSource(
  { settings: { sourceLines, root }, callSite }: Tracking,
  scope: Scope,
  type: string,
  { entry, line }: Caller,
  site?: CallSite,
): string | undefined {
  if (!sourceLines) return undefined
  const seen = seenOf(scope, type)
  if (seen.count++ < looks)
    seen.last = sourceLine(root, scope.identity.file, entry) ?? line?.() ?? lineOf(root, site ?? callSite?.())
  return seen.last
}

/** The function that the user called; `line`, where it may have returned by now. */
export interface Caller {
  readonly entry: Entry
  readonly line?: () => string | undefined
}

/**
 * A caller whose creation is announced later, when its types are known: the first hundred calls in a scope, and the first twenty of those that
 * are alike (the same statement).
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
  if (calls.all >= 5 * looks) return false
  if (alike !== undefined) {
    const before = calls.alike.get(alike) ?? 0
    if (before >= looks) return false
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
