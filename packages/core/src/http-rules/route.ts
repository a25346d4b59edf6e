/** A method and a pattern of paths: `POST /teams/{team}/users`. */
import { invalidOption } from './invalid-option.ts'
import { colonName } from './plain-request.ts'

export interface Route {
  /** As it was written. */
  readonly text: string
  readonly method: string
  readonly pattern: string
  /** The path's parameters, or undefined when it is another route. */
  match(method: string, path: string): Readonly<Record<string, string>> | undefined
}

/** @throws DustpanError `DUSTPAN_CONFIG_INVALID` with the option's path. */
export function parseRoute(text: unknown, path: string): Route {
  const [, method, pattern] = (typeof text === 'string' && /^([A-Z]+)\s+(\/\S*)$/.exec(text.trim())) || []
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
  return {
    text: `${method} ${pattern}`,
    method,
    pattern,
    match(actual, actualPath) {
      const found = actual === method ? test.exec(trimmed(actualPath)) : null
      return found ? decoded(found.groups ?? {}) : undefined
    },
  }
}

/** A path without its query and without a slash at its end. */
export function trimmed(path: string): string {
  const end = path.search(/[?#]/)
  const bare = end < 0 ? path : path.slice(0, end)
  return bare.length > 1 && bare.endsWith('/') ? bare.slice(0, -1) : bare
}

/** A path segment as it was meant; as it stands when it is not well encoded. */
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
