/** Attaches a test's cleanup report, so that Vitest's reporters show it. */
import { type CleanupReport, leftBehind, type Verdict } from '@dustpan/core/worker'
import { type RunnerTask, recordArtifact, type TestContext } from 'vitest'

declare module 'vitest' {
  interface TestArtifactRegistry {
    'dustpan:cleanup': { type: 'dustpan:cleanup'; message: string }
  }
}

export async function attachReport(
  task: RunnerTask,
  annotate: TestContext['annotate'],
  report: CleanupReport,
  verdict: Verdict,
): Promise<void> {
  task.meta.dustpan = report
  const body = JSON.stringify(report, null, 2)
  const message = leftBehind(report)
  if (message === undefined && verdict !== 'failed') {
    await recordArtifact(
      task as never,
      {
        type: 'dustpan:cleanup',
        message: 'cleaned up',
        attachments: [{ contentType: 'application/json', body, bodyEncoding: 'utf-8' }],
      } as never,
    )
    return
  }
  await annotateFinished(task, () =>
    annotate(message ?? 'nothing left behind', 'dustpan', {
      contentType: 'application/json',
      body,
      bodyEncoding: 'utf-8',
    }),
  )
}

/** Vitest accepts annotations only while the task's state is `run`, and checks this synchronously. */
function annotateFinished(task: RunnerTask, annotate: () => Promise<unknown>): Promise<unknown> {
  const result = task.result as { state: string }
  const { state } = result
  result.state = 'run'
  const done = annotate()
  result.state = state
  return done
}
