import { aroundAll, aroundEach, inject } from 'vitest'
import { attachReport } from './attach.ts'
import { fileIdentity, testIdentity } from './identity.ts'
import { surviveInterrupt } from './interrupt.ts'
import { workerSession } from './session.ts'
import { attemptVerdict, fileVerdict } from './verdict.ts'
import './provided.ts'

/** Before the user's own setup files, in each test file: opens a scope around the file, and one around each attempt of each test. */
export async function openFile(): Promise<void> {
  const provided = inject('dustpan')
  const session = await workerSession(provided)
  surviveInterrupt()
  // Our own deadline (`cleanup.timeout`) comes first, so that Vitest never cuts a cleanup off.
  const hookTimeout = session.settings.cleanup.timeoutMs + 10_000
  const file = session.openScope(undefined, fileIdentity())
  const entered = file.enter()

  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads from the pattern which fixtures are wanted: none.
  aroundAll(async (runFile, {}, suite) => {
    await file.run(runFile)
    entered[Symbol.dispose]()
    const report = await file.close(fileVerdict(suite), { willRetry: false })
    // A vm context goes with its file, and what watches in it must go too.
    await (provided.vm ? session[Symbol.asyncDispose]() : session.release())
    if (report) suite.meta.dustpan = report
    session.failIfAsked(report)
  }, hookTimeout)

  aroundEach(async (runTest, { task, annotate, signal }) => {
    const test = session.openScope(file, testIdentity(task))
    await test.ready()
    await test.run(runTest)
    const { verdict, willRetry } = attemptVerdict(task, signal)
    const report = await test.close(verdict, { willRetry })
    if (!report) return
    await attachReport(task, annotate, report, verdict)
    session.failIfAsked(report)
  }, hookTimeout)
}
