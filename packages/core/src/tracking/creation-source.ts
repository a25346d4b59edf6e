/** Which line of the user's code created a thing, at a price that bulk creation can pay. */
import type { Scope } from './scope.ts'
import { type Entry, lineOf, sourceLine } from './source-line.ts'
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
  entry: Entry,
): string | undefined {
  if (!sourceLines) return undefined
  const seen = seenOf(scope, type)
  if (seen.count++ < looks) seen.last = sourceLine(root, scope.identity.file, entry) ?? lineOf(root, callSite?.())
  return seen.last
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
