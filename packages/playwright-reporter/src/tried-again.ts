/** Which attempts Playwright has tried again: a worker that died told nobody how its test ended. */
import type { ScopeIdentity } from '@dustpan/core/worker'
import type { FullConfig, TestCase } from '@playwright/test/reporter'
import { fileName, untitled } from './identity.ts'

export interface Attempts {
  /** An attempt of a test begins. */
  begun(test: TestCase, attempt: number): void
  /** Whether a later one has begun than this, of a test or of a serial group. */
  triedAgain(scope: ScopeIdentity): boolean
}

interface Later {
  readonly id: string
  readonly attempt: number
  readonly project: string
  readonly file: string
  readonly path: readonly string[]
  readonly repeat: number
}

/** @param root what the files in the record's names are relative to */
export function attempts(root: string, config: FullConfig): Attempts {
  const later: Later[] = []
  return {
    begun(test, attempt) {
      if (attempt === 0) return
      const [, project = '', file = '', ...path] = test.titlePath()
      const name = fileName(root, { config, titlePath: [file] })
      later.push({ id: test.id, attempt, project, file: name, path, repeat: test.repeatEachIndex })
    },
    triedAgain: (scope) => later.some((one) => one.attempt > scope.attempt && isOf(one, scope)),
  }
}

/** A serial group has no id of Playwright's. */
function isOf(one: Later, { runnerId, project = '', file, path = [], repeat }: ScopeIdentity): boolean {
  if (runnerId !== undefined) return runnerId === one.id
  const titles = path.join() === untitled.join() ? [] : path
  const isWithin = titles.every((title, i) => one.path[i] === title)
  return isWithin && one.project === project && one.file === file && (repeat === undefined || repeat === one.repeat)
}
