/** Errors of the library include the failed query: replaces the sent text and values with the user's own. */
export function asUserError(error: unknown, query: string, args: readonly unknown[]): unknown {
  if (!(error instanceof Error)) return error
  const fields = Object.getOwnPropertyDescriptors(error) as { [name: string]: PropertyDescriptor }
  if (!fields.query || !fields.args || fields.query.configurable) return error
  const OwnError = error.constructor as new (fields: object) => Error
  return Object.defineProperties(new OwnError({ message: error.message }), {
    ...fields,
    query: { ...fields.query, value: query },
    args: { ...fields.args, value: args },
  })
}
