/** Who a scope belongs to, in Jest's terms. */
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
  // In Jest 29 concurrent tests run before they begin.
  return { ...file, kind: 'test', path: titles(test), attempt: Math.max(0, test.invocations - 1), runnerId }
}

/** From the outermost describe block to the test; the file's own block is not one of them. */
function titles({ name, parent }: CircusTest): string[] {
  const names = [name]
  for (let block: CircusBlock | undefined = parent; block?.parent; block = block.parent) names.unshift(block.name)
  return names
}
