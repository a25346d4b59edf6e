/**
 * Marks calls that must not be captured, because they are Dustpan's own or already captured; shared by every copy of
 * this package.
 */
const key = Symbol.for('dustpan/clickhouse/unseen')
const shared = globalThis as { [key]?: WeakSet<object> }

/** Calls with these parameters are not captured. */
export function markOwnCall<Params extends object>(params: Params): Params {
  calls().add(params)
  return params
}

export function isOwnCall(params: unknown): boolean {
  return typeof params === 'object' && params !== null && calls().has(params)
}

/** Not enumerable, so that tests that list the globals do not find it. */
function calls(): WeakSet<object> {
  if (shared[key]) return shared[key]
  const value = new WeakSet<object>()
  Object.defineProperty(shared, key, { value, configurable: true })
  return value
}
