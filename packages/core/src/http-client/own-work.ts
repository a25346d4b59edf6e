/** Dustpan's own requests, and what the user's `auth()` sends for them: never captured. */
import { AsyncLocalStorage } from 'node:async_hooks'

const working = new AsyncLocalStorage<object>()

export const ownWork = {
  /** What the running code is about, when it is Dustpan's own. */
  get current(): object | undefined {
    return working.getStore()
  },
  run<T>(work: object, fn: () => T): T {
    return working.run(work, fn)
  },
}
