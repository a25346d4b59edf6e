/** What a call was given, as it was then: the client writes rows down at once, and a test may go on with the same objects. */
export function asGiven<Params extends object>(params: Params): Params {
  const { values, query_params } = params as { readonly values?: unknown; readonly query_params?: unknown }
  return {
    ...params,
    ...(values === undefined ? {} : { values: copied(values) }),
    ...(query_params === undefined ? {} : { query_params: copied(query_params) }),
  }
}

/** Streams and whatever else has a class of its own are themselves. */
function copied(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copied)
  if (!isPlain(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, copied(inner)]))
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype = Object.getPrototypeOf(value) as object | null
  return prototype === null || Object.getPrototypeOf(prototype) === null
}
