/** Opens and closes the scopes of a test file and of each attempt of its tests. */
import type { OpenScope, RunnerSession } from '@dustpan/core/worker'
import { attribute } from './attribute.ts'
import { addReport, failIfAsked, isTimeout } from './failure.ts'
import { fileIdentity, testIdentity } from './identity.ts'
import type { CircusState, CircusTest, Environment, ProjectConfig } from './jest.ts'
import { deliverClients } from './modules.ts'
import { hideOwnFrames } from './own-frames.ts'
import { publishIn } from './publish.ts'

export interface TestFile {
  /** Before the first test begins. */
  begin(state: CircusState): void
  /** Removes what earlier attempts of the test left behind. */
  retry(test: CircusTest): Promise<void>
  /** After the test's own hooks. */
  close(test: CircusTest): Promise<void>
  /** After the last test and hook: cleans up what belongs to the file. */
  finish(state: CircusState): Promise<void>
  /** The same, for a file that could not be loaded; does nothing when the file has finished. */
  end(): Promise<unknown>
}

export function openTestFile(
  session: RunnerSession,
  environment: Environment,
  config: ProjectConfig,
  testPath: string,
): TestFile {
  const identity = fileIdentity(config, testPath)
  const file = session.openScope(undefined, identity)
  const entries = [publishIn(environment.global), file.enter()]
  const clients = deliverClients(session)
  const scopes = new Map<CircusTest, OpenScope>()
  const ids = new Map<CircusTest, string>()
  const failed = new Set<CircusTest>()
  let passed = false
  let mayStillRun = false

  const openTest = (test: CircusTest): OpenScope => {
    if (!ids.has(test)) ids.set(test, String(ids.size))
    const scope = session.openScope(file, testIdentity(identity, test, ids.get(test) as string))
    scopes.set(test, scope)
    return scope
  }
  // Opened by the first of the test's functions, none of which Jest calls for a skipped test.
  const ofTest = (test: CircusTest) => scopes.get(test) ?? openTest(test)

  const end = async () => {
    for (const entry of entries.splice(0)) entry[Symbol.dispose]()
    // Jest does not stop a test that timed out, nor unload its modules: it creates more while other files run.
    if (!mayStillRun) clients[Symbol.dispose]()
    const report = await file.close(passed ? 'passed' : 'failed', { willRetry: false })
    await session.release()
    return report
  }

  return {
    begin(state) {
      const ofRunningTest = () => (state.currentlyRunningTest ? ofTest(state.currentlyRunningTest) : file)
      attribute(state.rootDescribeBlock, { file, ofTest, ofRunningTest })
    },
    retry: (test) => openTest(test).ready(),
    async close(test) {
      const scope = scopes.get(test)
      const didFail = test.errors.length > 0
      mayStillRun ||= test.errors.some(isTimeout)
      if (didFail) failed.add(test)
      else failed.delete(test)
      // Jest adds snapshot errors only now.
      if (didFail) hideOwnFrames(test.errors)
      // Only Jest knows whether it will retry the test.
      const report = await scope?.close(didFail ? 'failed' : 'passed', { willRetry: didFail ? 'unknown' : false })
      if (report) addReport(test.errors, report, session)
    },
    async finish(state) {
      hideOwnFrames(state.unhandledErrors)
      passed = failed.size === 0 && state.unhandledErrors.length === 0
      const report = await end()
      if (report) failIfAsked(state.unhandledErrors, report, session)
    },
    end,
  }
}
