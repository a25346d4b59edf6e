/** A method and a path pattern: `POST /teams/{team}/users`. */
import { invalidOption } from './invalid-option.ts'
import { parametersOf } from './parameters.ts'
import { colonName } from './plain-request.ts'

export interface Route {
  /** As written. */
  readonly text: string
  readonly method: string
  readonly pattern: string
  /** The path's parameters, or undefined for another route. The request must have the route's query too. */
  match(method: string, target: string): Readonly<Record<string, string>> | undefined
}

/** @throws DustpanError `DUSTPAN_CONFIG_INVALID` with the option's path. */
export function parseRoute(text: unknown, path: string): Route {
  const [, method, pattern, query = ''] =
    (typeof text === 'string' && /^([A-Z]+)\s+(\/[^\s?]*)(\?\S*)?$/.exec(text.trim())) || []
  if (method === undefined || pattern === undefined) {
    throw invalidOption(
      path,
      'a method and a path',
      text,
      'Write it like "POST /users" or "PUT /teams/{team}/users/{id}".',
    )
  }
  const parameter = colonName(pattern)
  if (parameter !== undefined)
    throw invalidOption(path, 'a path with names in braces', text, `Write {${parameter}} for :${parameter}.`)
  const test = patternTest(pattern)
  const required = parametersOf(query)
  return {
    text: `${method} ${pattern}${query}`,
    method,
    pattern,
    match(actual, target) {
      const found = actual === method ? test.exec(trimmed(target)) : null
      return found && hasAll(target, required) ? decoded(found.groups ?? {}) : undefined
    },
  }
}

/** A value in braces, or an empty one, matches any value. */
function hasAll(target: string, required: ReturnType<typeof parametersOf>): boolean {
  if (required.length === 0) return true
  const given = parametersOf(target)
  return required.every(([name, value]) =>
    given.some((one) => one[0] === name && (value === '' || /^\{\w+\}$/.test(value) || one[1] === value)),
  )
}

/** A path without its query and trailing slash. */
export function trimmed(path: string): string {
  const end = path.search(/[?#]/)
  const bare = end < 0 ? path : path.slice(0, end)
  return bare.length > 1 && bare.endsWith('/') ? bare.slice(0, -1) : bare
}

/** A decoded path segment; unchanged if it is not properly encoded. */
export function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

function patternTest(pattern: string): RegExp {
  const segments = trimmed(pattern).split('/').slice(1)
  const tests = segments.map((segment, i) => segmentTest(segment, i === segments.length - 1))
  return new RegExp(`^/${tests.join('/')}$`)
}

function segmentTest(segment: string, last: boolean): string {
  if (segment === '*') return last ? '.+' : '[^/]+'
  return segment
    .split(/(\{\w+\}|\*)/)
    .map((part) => {
      if (part === '*') return '[^/]*'
      return part.startsWith('{') ? `(?<${part.slice(1, -1)}>[^/]+)` : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    })
    .join('')
}

function decoded(groups: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, decodeSegment(value)]))
}
