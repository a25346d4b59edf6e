/** The identity of file and test scopes, from Vitest's tasks. */
import { relative } from 'node:path'
import type { ScopeIdentity } from '@dustpan/core/worker'
import type { RunnerTask } from 'vitest'

/** Vitest's worker state: the only place that has the file's path during collection. */
interface WorkerState {
  filepath?: string
  config?: { root?: string; name?: string }
}

export function fileIdentity(): ScopeIdentity {
  const { filepath, config } = (globalThis as { __vitest_worker__?: WorkerState }).__vitest_worker__ ?? {}
  return {
    kind: 'file',
    ...(config?.name ? { project: config.name } : {}),
    ...(filepath === undefined
      ? {}
      : { file: relative(config?.root ?? process.cwd(), filepath).replaceAll('\\', '/') }),
    attempt: 0,
  }
}

const attemptCounts = new WeakMap<object, number>()

export function testIdentity(task: RunnerTask): ScopeIdentity {
  const count = attemptCounts.get(task) ?? 0
  attemptCounts.set(task, count + 1)
  const repeats = (task as { repeats?: number }).repeats ?? 0
  const attempt = task.result?.retryCount ?? 0
  return {
    kind: 'test',
    ...(task.file.projectName ? { project: task.file.projectName } : {}),
    file: task.file.name,
    path: titles(task),
    attempt,
    ...(repeats > 0 ? { repeat: count - attempt } : {}),
    runnerId: task.id,
  }
}

/** From the outermost suite to the test, without the file. */
function titles(task: RunnerTask): string[] {
  const names = [task.name]
  for (let suite = task.suite; suite && suite !== task.file; suite = suite.suite) names.unshift(suite.name)
  return names
}
