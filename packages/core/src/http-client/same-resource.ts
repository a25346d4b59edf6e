/** Whether a redirect leads to the requested resource: another spelling of its path, not another path. */
import { decodeSegment, trimmed } from '../http-rules/route.ts'

/**
 * Ignores a trailing slash and a common prefix (`/api`, `/v1`); all parameters must be present, as `?id=7` may be what
 * identifies the resource. `/users/2` is not another spelling of `/orgs/1/users/2`, which may be a membership.
 */
export function isSameResource(requested: string, target: string): boolean {
  const [before, after] = [partsOf(requested), partsOf(target)]
  // In `/api/1` the prefix may be the collection.
  const isOne = before.rest.length > 1 || before.prefix.every(isVersion)
  const isSame = isOne && before.rest.length > 0 && before.rest.join('\0') === after.rest.join('\0')
  return isSame && hasAll(queryOf(target), queryOf(requested))
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
  // Later in the path, `v1` may be a resource's name.
  const own = segments.findIndex((segment) => !isPrefix(segment))
  const at = own < 0 ? Math.max(segments.length - 1, 0) : own
  return { prefix: segments.slice(0, at), rest: segments.slice(at) }
}

const isVersion = (segment: string): boolean => /^v\d+(\.\d+)*$/i.test(segment)

const isPrefix = (segment: string): boolean => isVersion(segment) || /^(api|rest)$/i.test(segment)

const queryOf = (url: string): URLSearchParams => new URLSearchParams(url.split('?')[1])

const hasAll = (query: URLSearchParams, required: URLSearchParams): boolean =>
  [...required].every(([name, value]) => query.getAll(name).includes(value))
