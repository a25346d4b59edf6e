/** The identity of run, file and test scopes, from Mocha's objects. */
import type { ScopeIdentity } from '@dustpan/core/worker'
import { fileOf, nameOfFile } from './files.ts'
import type { Suite, Test } from './mocha.ts'

export const runIdentity: ScopeIdentity = { kind: 'run', attempt: 0 }

export const fileIdentity = (file: string): ScopeIdentity => ({ kind: 'file', file: nameOfFile(file), attempt: 0 })

export function testIdentity(test: Test): ScopeIdentity {
  const file = fileOf(test)
  return {
    kind: 'test',
    ...(file === undefined ? {} : { file: nameOfFile(file) }),
    path: [...titlesOf(test.parent), test.title],
    attempt: test.currentRetry(),
    runnerId: (test.retriedTest() ?? test).id,
  }
}

const known = new WeakMap<Suite, readonly string[]>()

function titlesOf(suite: Suite): readonly string[] {
  const titles = known.get(suite) ?? suite.titlePath()
  known.set(suite, titles)
  return titles
}
