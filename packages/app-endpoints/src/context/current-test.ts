/** Keeps the test whose request is being handled, in async context. */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { TestIds } from './ids.ts'

export interface ActiveTest extends TestIds {
  /** When it ends, set once the request is answered: a timer or queue that the request started is the test's only for a while. */
  until: number
}

const key = Symbol.for('dustpan/app-context/1')
const globals = globalThis as unknown as Record<symbol, AsyncLocalStorage<ActiveTest | undefined> | undefined>

/** Shared by all copies of this module: Next.js bundles it again for each route. */
function storage(): AsyncLocalStorage<ActiveTest | undefined> {
  globals[key] ??= new AsyncLocalStorage()
  return globals[key]
}

export function currentTest(): TestIds | undefined {
  const active = storage().getStore()
  return active && active.until >= Date.now() ? active : undefined
}

export const activate = (ids: TestIds | undefined): ActiveTest | undefined =>
  ids && { ...ids, until: Number.POSITIVE_INFINITY }

/** Ends the test's context after `lingerMs`, once its request is answered. */
export function expire(active: ActiveTest | undefined, lingerMs: number): void {
  if (active) active.until = Date.now() + lingerMs
}

/** Calls outside any test, to create what outlives a request. */
export const outside = <T>(call: () => T): T => storage().run(undefined, call)

export const within = <T>(active: ActiveTest | undefined, call: () => T): T => storage().run(active, call)
