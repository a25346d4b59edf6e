/** Who a scope belongs to, in Playwright's terms. */
import { isAbsolute, join, relative } from 'node:path'
import type { ScopeIdentity } from '@dustpan/core/worker'
import type { TestInfo, WorkerInfo } from '@playwright/test'

export function workerIdentity({ project }: WorkerInfo): ScopeIdentity {
  return { kind: 'worker', ...projectName(project), attempt: 0 }
}

export function fileIdentity(root: string, info: TestInfo): ScopeIdentity {
  return { kind: 'file', ...projectName(info.project), file: fileName(root, info), attempt: 0 }
}

export function testIdentity(root: string, info: TestInfo): ScopeIdentity {
  const { project, repeatEachIndex, retry } = info
  return {
    kind: 'test',
    ...projectName(project),
    file: fileName(root, info),
    path: info.titlePath.slice(1),
    attempt: retry,
    ...(project.repeatEach > 1 ? { repeat: repeatEachIndex } : {}),
    runnerId: info.testId,
  }
}

/** A serial group is tried again as a whole, and its tests build on each other: to the ledger it is one test. */
export function groupIdentity(root: string, info: TestInfo, titles: readonly string[]): ScopeIdentity {
  const { runnerId: _firstTest, ...identity } = testIdentity(root, info)
  return { ...identity, path: titles.length > 0 ? titles : ['the serial tests'] }
}

/** The test file; `info.file` is where `test()` was called, which may be in a helper. */
export const requiredFile = ({ config, titlePath }: TestInfo): string => join(config.rootDir, titlePath[0] ?? '')

function fileName(root: string, info: TestInfo): string {
  const file = relative(root, requiredFile(info))
  return (isAbsolute(file) || file.startsWith('..') ? (info.titlePath[0] ?? '') : file).replaceAll('\\', '/')
}

const projectName = ({ name }: { name: string }) => (name === '' ? {} : { project: name })
