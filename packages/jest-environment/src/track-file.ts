/** Tracks a test file through the events that Jest sends to its environment. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { types } from 'node:util'
import { blockIfInterrupted } from './drain.ts'
import type { CircusEvent, CircusState, Environment, ProjectConfig } from './jest.ts'
import { hideOwnFrames } from './own-frames.ts'
import { openSession } from './session.ts'
import { openTestFile, type TestFile } from './test-file.ts'

const tracked = new WeakSet<Environment>()
/** Runs our own work outside Jest's async contexts: connections opened there would keep the test and its vm context in memory. */
const outsideTests = AsyncLocalStorage.snapshot()

/** Does nothing the second time, when both the environment and the test runner are Dustpan's. */
export function trackFile(environment: Environment, config: ProjectConfig, testPath: string): void {
  if (tracked.has(environment)) return
  tracked.add(environment)
  let file: TestFile | undefined

  const follow = (event: CircusEvent, state: CircusState): void | Promise<void> => {
    if (event.name === 'setup') {
      return outsideTests(openSession).then((session) => {
        file = session && openTestFile(session, environment, config, testPath)
      })
    }
    return file && react(file, event, state)
  }

  // After the environment's own handler, which may still change the test's verdict and its data.
  const handle = environment.handleTestEvent?.bind(environment)
  environment.handleTestEvent = (event, state) => {
    const handled = handle?.(event, state)
    return types.isPromise(handled) ? handled.then(() => follow(event, state)) : follow(event, state)
  }
  const teardown = environment.teardown.bind(environment)
  environment.teardown = async () => {
    await outsideTests(() => file?.end())
    await teardown()
  }
}

/** Returns a promise only where there is something to wait for. */
function react(file: TestFile, event: CircusEvent, state: CircusState): void | Promise<void> {
  switch (event.name) {
    case 'run_start':
      return file.begin(state)
    case 'test_start':
      return blockIfInterrupted() ?? (event.test.invocations > 1 ? outsideTests(file.retry, event.test) : undefined)
    case 'test_fn_failure':
    case 'hook_failure':
      return hideOwnFrames(event.error)
    case 'test_done':
      return outsideTests(file.close, event.test)
    case 'run_finish':
      return outsideTests(file.finish, state)
  }
}
