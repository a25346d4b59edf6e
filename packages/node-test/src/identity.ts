/** Who a scope belongs to, in the terms of node:test. */
import { relative } from 'node:path'
import type { ScopeIdentity } from '@dustpan/core/worker'
import type { NodeTest } from './node-test.ts'

export function fileIdentity(file: string | undefined): ScopeIdentity {
  return { kind: 'file', ...placed(file), attempt: 0 }
}

/** Its titles are looked for only when something is created in it. */
export function testIdentity(test: NodeTest): ScopeIdentity {
  return {
    kind: 'test',
    ...placed(test.entryFile),
    get path() {
      return titles(test)
    },
    attempt: 0,
  }
}

const files = new Map<string, string>()

/** By its path from the working directory. */
function placed(file: string | undefined): { file?: string } {
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
