/** Whether a redirect leads to the thing that was asked for: another spelling of its path, and not another path. */
import { decodeSegment, trimmed } from '../http-rules/route.ts'

/**
 * With or without a slash at the end, a prefix (`/api`) or a version (`/v1`), and with all parameters: `?id=7` may be what tells the thing from
 * all others.
 */
export function isSameThing(asked: string, led: string): boolean {
  const before = segmentsOf(asked)
  const after = segmentsOf(led)
  const leavesOut = after.length < before.length
  const isSame = leavesOut ? after.length > 1 && endsWith(before, after) : before.length > 0 && endsWith(after, before)
  return isSame && hasAll(queryOf(led), queryOf(asked))
}

/** Further on, `v1` may be the name of a thing. */
const segmentsOf = (url: string): string[] =>
  trimmed(url)
    .replace(/^(\/api)?\/v\d+(?=\/)/, '$1')
    .split('/')
    .filter((segment) => segment !== '')
    .map(decodeSegment)

const endsWith = (long: readonly string[], short: readonly string[]): boolean =>
  short.every((segment, i) => segment === long[long.length - short.length + i])

const queryOf = (url: string): URLSearchParams => new URLSearchParams(url.split('?')[1])

const hasAll = (query: URLSearchParams, asked: URLSearchParams): boolean =>
  [...asked].every(([name, value]) => query.getAll(name).includes(value))
