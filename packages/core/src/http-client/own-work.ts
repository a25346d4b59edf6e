/** Marks Dustpan's own requests, and those of the user's `auth()` for them, so that they are not captured. */
import { AsyncLocalStorage } from 'node:async_hooks'

const storage = new AsyncLocalStorage<object>()

export const ownWork = {
  /** The current work, if the running code is Dustpan's own. */
  get current(): object | undefined {
    return storage.getStore()
  },
  run<T>(work: object, fn: () => T): T {
    return storage.run(work, fn)
  },
}
