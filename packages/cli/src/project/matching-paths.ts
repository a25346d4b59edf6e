/** Expands path patterns such as `packages/*`, used by workspaces and Jest's projects. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Existing paths below `root` that match. A pattern that begins with `!` excludes its matches. */
export function matchingPaths(root: string, patterns: readonly string[]): readonly string[] {
  const matching = (some: readonly string[]) => some.flatMap((pattern) => below(root, '', segments(pattern)))
  const excluded = new Set(matching(patterns.filter(isNegated).map((pattern) => pattern.slice(1))))
  const found = new Set(matching(patterns.filter((pattern) => !isNegated(pattern))))
  return [...found].filter((path) => !excluded.has(path)).sort()
}

const isNegated = (pattern: string): boolean => pattern.startsWith('!')

const segments = (pattern: string): readonly string[] => pattern.split('/').filter((one) => one !== '' && one !== '.')

function below(root: string, path: string, [first, ...rest]: readonly string[]): readonly string[] {
  if (first === undefined) return [path || '.']
  if (first === '**') {
    const deeper = entries(root, path).filter((entry) => entry.isDirectory())
    return [
      ...below(root, path, rest),
      ...deeper.flatMap(({ name }) => below(root, inside(path, name), ['**', ...rest])),
    ]
  }
  if (!/[*?{]/.test(first)) return existsSync(join(root, path, first)) ? below(root, inside(path, first), rest) : []
  const named = segmentPattern(first)
  const matching = entries(root, path).filter((entry) => named.test(entry.name))
  return matching.flatMap(({ name }) => below(root, inside(path, name), rest))
}

const inside = (path: string, name: string): string => (path === '' ? name : `${path}/${name}`)

function entries(root: string, path: string) {
  try {
    return readdirSync(join(root, path), { withFileTypes: true }).filter(
      ({ name }) => !name.startsWith('.') && name !== 'node_modules',
    )
  } catch {
    // It is a file.
    return []
  }
}

const parts: Readonly<Record<string, string>> = { '*': '.*', '?': '.', '{': '(?:', '}': ')', ',': '|' }

const segmentPattern = (segment: string): RegExp =>
  new RegExp(`^${segment.replace(/[\\^$.|+()[\]]/g, '\\$&').replace(/[*?{},]/g, (sign) => parts[sign] ?? '')}$`)
