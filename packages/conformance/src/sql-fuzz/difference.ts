import { inspect, isDeepStrictEqual } from 'node:util'

/** The first difference between two values; undefined when they are equal. */
export function difference(expected: unknown, seen: unknown, path = ''): string | undefined {
  if (isDeepStrictEqual(expected, seen)) return undefined
  if (typeof expected === 'object' && typeof seen === 'object' && expected && seen) {
    for (const key of new Set([...Object.keys(expected), ...Object.keys(seen)])) {
      const inner = difference(Reflect.get(expected, key), Reflect.get(seen, key), `${path}.${key}`)
      if (inner !== undefined) return inner
    }
  }
  return `${path} is ${inspect(seen)}, without capture ${inspect(expected)}`
}
