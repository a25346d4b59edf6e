import { globSync } from 'node:fs'
import { root } from '../workspace.ts'

/** The project's documentation, relative to the root. */
export function markdownFiles(): string[] {
  const patterns = [
    'README.md',
    'CONTRIBUTING.md',
    'docs/**/*.md',
    'packages/*/README.md',
    'packages/drivers/*/README.md',
    'packages/ledgers/*/README.md',
    'examples/*/README.md',
  ]
  return globSync(patterns, { cwd: root }).sort()
}
