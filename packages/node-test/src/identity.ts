/** The identity of file and test scopes, from Node's test objects. */
import { relative } from 'node:path'
import type { ScopeIdentity } from '@dustpan/core/worker'
import type { NodeTest } from './node-test.ts'

export function fileIdentity(file: string | undefined): ScopeIdentity {
  return { kind: 'file', ...relativeFile(file), attempt: 0 }
}

/** The path is computed lazily: only tests that create something need it. */
export function testIdentity(test: NodeTest): ScopeIdentity {
  return {
    kind: 'test',
    ...relativeFile(test.entryFile),
    get path() {
      return titles(test)
    },
    attempt: 0,
  }
}

const files = new Map<string, string>()

/** Relative to the working directory. */
function relativeFile(file: string | undefined): { file?: string } {
  if (!file) return {}
  const known = files.get(file) ?? relative(process.cwd(), file).replaceAll('\\', '/')
  files.set(file, known)
  return { file: known }
}

/** From the outermost suite or test inwards. */
function titles(test: NodeTest): string[] {
  const names: string[] = []
  for (let at = test; at.parent; at = at.parent) names.unshift(at.name)
  return names
}
