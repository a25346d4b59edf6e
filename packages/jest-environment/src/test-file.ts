/** A test file and its tests, each attempt of them in a scope of its own. */
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
  /** What the attempts before this one left is removed. */
  retry(test: CircusTest): Promise<void>
  /** After the test's own hooks. */
  close(test: CircusTest): Promise<void>
  /** After the last test and hook: what belongs to the file goes. */
  finish(state: CircusState): Promise<void>
  /** The same, for a file that could not be loaded; nothing, when it has finished. */
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
  const open = [publishIn(environment.global), file.enter()]
  const clients = deliverClients(session)
  const scopes = new Map<CircusTest, OpenScope>()
  const ids = new Map<CircusTest, string>()
  const failed = new Set<CircusTest>()
  let passed = false
  let goesOn = false

  const openTest = (test: CircusTest): OpenScope => {
    if (!ids.has(test)) ids.set(test, String(ids.size))
    const scope = session.openScope(file, testIdentity(identity, test, ids.get(test) as string))
    scopes.set(test, scope)
    return scope
  }
  // Opened by the first of the test's functions: Jest calls none of a test that is skipped.
  const ofTest = (test: CircusTest) => scopes.get(test) ?? openTest(test)

  const end = async () => {
    for (const one of open.splice(0)) one[Symbol.dispose]()
    // Jest ends neither a test that timed out, nor what it has loaded: it creates more while other files run.
    if (!goesOn) clients[Symbol.dispose]()
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
      goesOn ||= test.errors.some(isTimeout)
      if (didFail) failed.add(test)
      else failed.delete(test)
      // Of snapshots Jest brings the errors only now.
      if (didFail) hideOwnFrames(test.errors)
      // How often Jest will still try is known to Jest alone.
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
