/** Copies the parameters of a call: a test may change its objects afterwards, and the client would have serialised them at once. */
export function snapshotParams<Params extends object>(params: Params): Params {
  const { values, query_params } = params as { readonly values?: unknown; readonly query_params?: unknown }
  return {
    ...params,
    ...(values === undefined ? {} : { values: deepCopy(values) }),
    ...(query_params === undefined ? {} : { query_params: deepCopy(query_params) }),
  }
}

/** Copies arrays and plain objects; streams and instances of other classes stay the same. */
function deepCopy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(deepCopy)
  if (!isPlain(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, deepCopy(inner)]))
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype = Object.getPrototypeOf(value) as object | null
  return prototype === null || Object.getPrototypeOf(prototype) === null
}
