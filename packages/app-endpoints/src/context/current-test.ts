/** The test whose request is being answered. */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { TestIds } from './ids.ts'

export interface Held extends TestIds {
  /** Until when, once it is answered: what a request has started for good (a timer, a queue) is not the test's for ever. */
  until: number
}

const key = Symbol.for('dustpan/app-context/1')
const home = globalThis as unknown as Record<symbol, AsyncLocalStorage<Held | undefined> | undefined>

/** One for all copies: Next.js bundles each route's modules anew. */
function storage(): AsyncLocalStorage<Held | undefined> {
  home[key] ??= new AsyncLocalStorage()
  return home[key]
}

export function currentTest(): TestIds | undefined {
  const held = storage().getStore()
  return held && held.until >= Date.now() ? held : undefined
}

export const hold = (ids: TestIds | undefined): Held | undefined => ids && { ...ids, until: Number.POSITIVE_INFINITY }

/** Its request is answered. */
export function letGo(held: Held | undefined, lingerMs: number): void {
  if (held) held.until = Date.now() + lingerMs
}

/** Nobody's: what lives longer than a request is made here. */
export const outside = <T>(call: () => T): T => storage().run(undefined, call)

export const within = <T>(held: Held | undefined, call: () => T): T => storage().run(held, call)
