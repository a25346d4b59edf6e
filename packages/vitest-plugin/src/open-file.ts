import { aroundAll, aroundEach, beforeAll, inject } from 'vitest'
import { attachReport } from './attach.ts'
import { fileIdentity, testIdentity } from './identity.ts'
import { surviveInterrupt } from './interrupt.ts'
import type { ProvidedTicket } from './provided.ts'
import { workerSession } from './session.ts'
import { attemptVerdict, fileVerdict } from './verdict.ts'

/**
 * Before the user's own setup files, in each test file: opens a scope around the file, and one around each attempt of each test.
 * What tests run in is called from `then`, never awaited: a function that awaits is a frame in their stack traces.
 */
export async function openFile(): Promise<void> {
  const provided = inject('dustpan') as ProvidedTicket | undefined
  // `vitest list`: the files are read, and no test runs.
  if (!provided) return refuseToRun()
  const session = await workerSession(provided)
  surviveInterrupt()
  // Our own deadline (`cleanup.timeout`) comes first, so that Vitest never cuts a cleanup off.
  const hookTimeout = session.settings.cleanup.timeoutMs + 10_000
  const file = session.openScope(undefined, fileIdentity())
  const entered = file.enter()

  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads from the pattern which fixtures are wanted: none.
  aroundAll((runFile, {}, suite) => {
    const closeFile = async () => {
      entered[Symbol.dispose]()
      const report = await file.close(fileVerdict(suite), { willRetry: false })
      // A vm context goes with its file (or files: Vitest 4.1 with one worker), and what watches in it must go too.
      await (provided.vm ? session[Symbol.asyncDispose]() : session.release())
      if (report) suite.meta.dustpan = report
      session.failIfAsked(report)
    }
    return file.run(runFile).then(closeFile)
  }, hookTimeout)

  aroundEach((runTest, { task, annotate, signal }) => {
    const test = session.openScope(file, testIdentity(task))
    const closeTest = async () => {
      const { verdict, willRetry } = attemptVerdict(task, signal)
      const report = await test.close(verdict, { willRetry })
      if (!report) return
      await attachReport(task, annotate, report, verdict)
      session.failIfAsked(report)
    }
    return test
      .ready()
      .then(() => test.run(runTest))
      .then(closeTest)
  }, hookTimeout)
}

/** Should a test run all the same, it would not be tracked. */
function refuseToRun(): void {
  beforeAll(async () => {
    const { DustpanError } = await import('@dustpan/core')
    throw new DustpanError(
      'DUSTPAN_NO_REPORTER',
      "Dustpan's reporter has not begun the run, so nothing would be tracked.",
      {
        hint: 'The plugin adds it to the reporters of Vitest: whatever takes the place of all reporters takes that away.',
      },
    )
  })
}
