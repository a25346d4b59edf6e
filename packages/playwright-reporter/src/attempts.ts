/** Remembers which attempts Playwright has retried: a worker that died recorded no verdict. */
import type { ScopeIdentity } from '@dustpan/core/worker'
import type { FullConfig, TestCase } from '@playwright/test/reporter'
import { fileName, untitled } from './identity.ts'

export interface Attempts {
  /** An attempt of a test begins. */
  begun(test: TestCase, attempt: number): void
  /** Whether a later attempt of the same test or serial group has begun. */
  wasRetried(scope: ScopeIdentity): boolean
}

interface Retry {
  readonly id: string
  readonly attempt: number
  readonly project: string
  readonly file: string
  readonly path: readonly string[]
  readonly repeat: number
}

/** @param root the folder that file names in records are relative to */
export function attempts(root: string, config: FullConfig): Attempts {
  const retries: Retry[] = []
  return {
    begun(test, attempt) {
      if (attempt === 0) return
      const [, project = '', file = '', ...path] = test.titlePath()
      const name = fileName(root, { config, titlePath: [file] })
      retries.push({ id: test.id, attempt, project, file: name, path, repeat: test.repeatEachIndex })
    },
    wasRetried: (scope) => retries.some((retry) => retry.attempt > scope.attempt && isOf(retry, scope)),
  }
}

/** Playwright gives no id to a serial group, so it is compared by its titles. */
function isOf(retry: Retry, { runnerId, project = '', file, path = [], repeat }: ScopeIdentity): boolean {
  if (runnerId !== undefined) return runnerId === retry.id
  const titles = path.join() === untitled.join() ? [] : path
  const isWithin = titles.every((title, i) => retry.path[i] === title)
  return (
    isWithin && retry.project === project && retry.file === file && (repeat === undefined || repeat === retry.repeat)
  )
}
