/** Whether a redirect leads to the thing that was asked for: another spelling of its path, and not another path. */
import { decodeSegment, trimmed } from '../http-rules/route.ts'

/**
 * With or without a slash at the end and what stands before all paths (`/api`, `/v1`), and with all parameters: `?id=7` may be what tells the thing
 * from all others. `/users/2` is no other spelling of `/orgs/1/users/2`, which may be a membership.
 */
export function isSameThing(asked: string, led: string): boolean {
  const [before, after] = [partsOf(asked), partsOf(led)]
  // Of `/api/1` the first part may be what it is one of.
  const isOne = before.rest.length > 1 || before.prefix.every(isVersion)
  const isSame = isOne && before.rest.length > 0 && before.rest.join('\0') === after.rest.join('\0')
  return isSame && hasAll(queryOf(led), queryOf(asked))
}

interface Parts {
  readonly prefix: readonly string[]
  readonly rest: readonly string[]
}

function partsOf(url: string): Parts {
  const segments = trimmed(url)
    .split('/')
    .filter((segment) => segment !== '')
    .map(decodeSegment)
  // Further on, `v1` may be the name of a thing.
  const own = segments.findIndex((segment) => !isPrefix(segment))
  const at = own < 0 ? Math.max(segments.length - 1, 0) : own
  return { prefix: segments.slice(0, at), rest: segments.slice(at) }
}

const isVersion = (segment: string): boolean => /^v\d+(\.\d+)*$/i.test(segment)

const isPrefix = (segment: string): boolean => isVersion(segment) || /^(api|rest)$/i.test(segment)

const queryOf = (url: string): URLSearchParams => new URLSearchParams(url.split('?')[1])

const hasAll = (query: URLSearchParams, asked: URLSearchParams): boolean =>
  [...asked].every(([name, value]) => query.getAll(name).includes(value))
