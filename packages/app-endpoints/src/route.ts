/** Maps a method and a path to an operation. */
import { badInput, Refusal } from './refusal.ts'
import type { TestDataStore, TestDataType } from './store.ts'

export type Operation =
  | 'verify-access'
  | 'create'
  | 'remove'
  | 'remove-listed'
  | 'remove-by-tag'
  | 'remove-by-run'
  | 'remove-matching'
  | 'remove-data'
  | 'reset'

export interface Route {
  readonly operation: Operation
  /** The type's name in the path. */
  readonly name: string
  readonly type: TestDataType
  /** The id of a resource, or of a run. */
  readonly id: string
  /** Whether the path itself asks for permanent removal. */
  readonly permanent: boolean
}

interface Pattern {
  readonly operation: Operation
  readonly method: 'POST' | 'DELETE'
  /** `:type` and `:id` match one segment each. */
  readonly path: string
}

/** The first match counts. */
const patterns: readonly Pattern[] = [
  { operation: 'verify-access', method: 'POST', path: 'verify-access' },
  { operation: 'remove-by-tag', method: 'POST', path: 'cleanup-test-data' },
  { operation: 'remove-listed', method: 'POST', path: 'cleanup' },
  { operation: 'reset', method: 'POST', path: 'reset' },
  { operation: 'remove-by-run', method: 'DELETE', path: 'runs/:id' },
  { operation: 'create', method: 'POST', path: ':type' },
  { operation: 'remove-matching', method: 'DELETE', path: ':type' },
  { operation: 'remove-data', method: 'DELETE', path: ':type/:id/data' },
  { operation: 'remove', method: 'DELETE', path: ':type/:id/permanent' },
  { operation: 'remove', method: 'DELETE', path: ':type/:id' },
]

/** @throws Refusal 404: unknown path or type; 405: wrong method; 400: invalid id */
export function routeOf({ types }: TestDataStore, method: string, path: string): Route {
  const parts = path.split('/').map(decoded)
  const matching = patterns.filter((pattern) => matches(pattern.path.split('/'), parts))
  const found = matching.find((pattern) => pattern.method === method)
  if (!found) throw noRoute(matching)
  const at = (mark: string) => parts[found.path.split('/').indexOf(mark)] ?? ''
  const name = at(':type')
  const type = name === '' ? {} : typeOf(types, name)
  const id = found.path.includes(':id') ? checkedId(at(':id'), type) : ''
  return { operation: found.operation, name, type, id, permanent: found.path.endsWith('/permanent') }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw badInput('The path is not encoded as a URL')
  }
}

/** Names that types cannot have. */
export const reservedWords: ReadonlySet<string> = new Set(patterns.map(({ path }) => path.split('/')[0] as string))

const matches = (pattern: readonly string[], parts: readonly string[]): boolean =>
  pattern.length === parts.length &&
  pattern.every((wanted, i) => {
    const part = parts[i] as string
    return wanted === ':type' ? !reservedWords.has(part) : wanted.startsWith(':') || wanted === part
  })

function noRoute(matching: readonly Pattern[]): Refusal {
  if (matching.length === 0) return new Refusal(404, 'unknown', 'There is no such test operation')
  const allow = [...new Set(matching.map(({ method }) => method))].join(', ')
  return new Refusal(405, 'method', `Only ${allow}`, { allow })
}

/** @throws Refusal 404 */
export function typeOf(types: TestDataStore['types'], name: string): TestDataType {
  const type = Object.hasOwn(types, name) ? types[name] : undefined
  if (type) return type
  const known = Object.keys(types).join(', ')
  throw new Refusal(
    404,
    'unknown-type',
    `There is no test data of the type ${JSON.stringify(name)}; there is: ${known}`,
  )
}

/** @throws Refusal 400 */
export function checkedId(id: string, { id: pattern }: TestDataType): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern excludes them.
  const isText = /^[^\x00-\x1f\x7f]{1,200}$/.test(id) && id !== '.' && id !== '..'
  if (!isText || (pattern && !new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, '')).test(id))) {
    throw badInput(`Invalid id: ${JSON.stringify(id.slice(0, 200))}`)
  }
  return id
}
