/**
 * Applies the user's abort signal to our own queries, with the client's error. The client ignores a signal that was
 * aborted before the call.
 */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal || signal.aborted) return work
  const aborted = Promise.withResolvers<never>()
  const onAbort = () => aborted.reject(new Error('The user aborted a request.'))
  signal.addEventListener('abort', onAbort, { once: true })
  return Promise.race([work, aborted.promise]).finally(() => signal.removeEventListener('abort', onAbort))
}
