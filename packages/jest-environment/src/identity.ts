/** The identity of file and test scopes, from Jest's objects. */
import { relative } from 'node:path'
import type { ScopeIdentity } from '@dustpan/core/worker'
import type { CircusBlock, CircusTest, ProjectConfig } from './jest.ts'

export function fileIdentity({ rootDir, displayName }: ProjectConfig, testPath: string): ScopeIdentity {
  return {
    kind: 'file',
    ...(displayName ? { project: displayName.name } : {}),
    file: relative(rootDir, testPath).replaceAll('\\', '/'),
    attempt: 0,
  }
}

export function testIdentity(file: ScopeIdentity, test: CircusTest, runnerId: string): ScopeIdentity {
  // Jest 29 runs concurrent tests before it counts an invocation.
  return { ...file, kind: 'test', path: titles(test), attempt: Math.max(0, test.invocations - 1), runnerId }
}

/** From the outermost describe block to the test, without the file's root block. */
function titles({ name, parent }: CircusTest): string[] {
  const names = [name]
  for (let block: CircusBlock | undefined = parent; block?.parent; block = block.parent) names.unshift(block.name)
  return names
}
