/** The library's own errors tell the query that failed: the user's, and not what was sent for it. */
export function asUsers(error: unknown, query: string, args: readonly unknown[]): unknown {
  if (!(error instanceof Error)) return error
  const told = Object.getOwnPropertyDescriptors(error) as { [name: string]: PropertyDescriptor }
  if (!told.query || !told.args || told.query.configurable) return error
  const OwnError = error.constructor as new (fields: object) => Error
  return Object.defineProperties(new OwnError({ message: error.message }), {
    ...told,
    query: { ...told.query, value: query },
    args: { ...told.args, value: args },
  })
}
