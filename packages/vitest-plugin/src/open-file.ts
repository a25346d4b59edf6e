import { aroundAll, aroundEach, beforeAll, inject } from 'vitest'
import { attachReport } from './attach.ts'
import { fileIdentity, testIdentity } from './identity.ts'
import { surviveInterrupt } from './interrupt.ts'
import type { ProvidedTicket } from './provided.ts'
import { workerSession } from './session.ts'
import { attemptVerdict, fileVerdict } from './verdict.ts'

/**
 * Opens a scope around each test file, before the user's own setup files run, and one around each attempt of each test.
 * The functions that run tests are called from `then`, not awaited: an awaiting function would be a frame in their stack traces.
 */
export async function openFile(): Promise<void> {
  const provided = inject('dustpan') as ProvidedTicket | undefined
  // `vitest list` collects the files without running a test.
  if (!provided) return failTests()
  const session = await workerSession(provided)
  surviveInterrupt()
  // Longer than our own deadline (`cleanup.timeout`), so that Vitest never interrupts a cleanup.
  const hookTimeout = session.settings.cleanup.timeoutMs + 10_000
  const file = session.openScope(undefined, fileIdentity())
  const entered = file.enter()

  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads the requested fixtures from the pattern; an empty one means none.
  aroundAll((runFile, {}, suite) => {
    const closeFile = async () => {
      entered[Symbol.dispose]()
      const report = await file.close(fileVerdict(suite), { willRetry: false })
      // A vm context ends with its file (or files: Vitest 4.1 with one worker), and its instruments must end with it.
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

/** Fails every test of the file, as it would not be tracked. */
function failTests(): void {
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
