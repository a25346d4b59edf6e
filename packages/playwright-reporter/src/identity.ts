/** The identity of worker, file, group and test scopes, from Playwright's infos. */
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

/** Playwright retries a serial group as a whole, and its tests build on each other, so the ledger treats it as one test. */
export function groupIdentity(root: string, info: TestInfo, titles: readonly string[]): ScopeIdentity {
  const { runnerId: _firstTest, ...identity } = testIdentity(root, info)
  return { ...identity, path: titles.length > 0 ? titles : untitled }
}

/** The path of a group that is its whole file. */
export const untitled: readonly string[] = ['the serial tests']

/** The test file; `info.file` is where `test()` was called, which may be in a helper. */
export const requiredFile = ({ config, titlePath }: Located): string => join(config.rootDir, titlePath[0] ?? '')

interface Located {
  readonly config: { readonly rootDir: string }
  /** The file, followed by the titles. */
  readonly titlePath: readonly string[]
}

export function fileName(root: string, test: Located): string {
  const file = relative(root, requiredFile(test))
  return (isAbsolute(file) || file.startsWith('..') ? (test.titlePath[0] ?? '') : file).replaceAll('\\', '/')
}

const projectName = ({ name }: { name: string }) => (name === '' ? {} : { project: name })
