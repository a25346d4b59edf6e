/** Follows what happens in a test file through its environment, whichever that is. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { types } from 'node:util'
import { untilTestsMayBegin } from './drain.ts'
import type { CircusEvent, CircusState, Environment, ProjectConfig } from './jest.ts'
import { hideOwnFrames } from './own-frames.ts'
import { openSession } from './session.ts'
import { openTestFile, type TestFile } from './test-file.ts'

const tracked = new WeakSet<Environment>()
/** Our own work is in no async context of Jest's: the connections that it opens would hold the test, and its vm context, for as long as they last. */
const apart = AsyncLocalStorage.snapshot()

/** Once for an environment, also when both the environment and the test runner are Dustpan's. */
export function trackFile(environment: Environment, config: ProjectConfig, testPath: string): void {
  if (tracked.has(environment)) return
  tracked.add(environment)
  let file: TestFile | undefined

  const follow = (event: CircusEvent, state: CircusState): void | Promise<void> => {
    if (event.name === 'setup') {
      return apart(openSession).then((session) => {
        file = session && openTestFile(session, environment, config, testPath)
      })
    }
    return file && react(file, event, state)
  }

  // The environment's own come first: the test's verdict and its data are then as it leaves them.
  const handle = environment.handleTestEvent?.bind(environment)
  environment.handleTestEvent = (event, state) => {
    const handled = handle?.(event, state)
    return types.isPromise(handled) ? handled.then(() => follow(event, state)) : follow(event, state)
  }
  const teardown = environment.teardown.bind(environment)
  environment.teardown = async () => {
    await apart(() => file?.end())
    await teardown()
  }
}

/** Nothing is waited for where there is nothing to do. */
function react(file: TestFile, event: CircusEvent, state: CircusState): void | Promise<void> {
  switch (event.name) {
    case 'run_start':
      return file.begin(state)
    case 'test_start':
      return untilTestsMayBegin() ?? (event.test.invocations > 1 ? apart(file.retry, event.test) : undefined)
    case 'test_fn_failure':
    case 'hook_failure':
      return hideOwnFrames(event.error)
    case 'test_done':
      return apart(file.close, event.test)
    case 'run_finish':
      return apart(file.finish, state)
  }
}
