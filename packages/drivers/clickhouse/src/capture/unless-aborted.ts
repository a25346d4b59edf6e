/** The user's own limit holds for our questions too. The client does not look at a signal that came before it: its error is ours here. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal || signal.aborted) return work
  const aborted = Promise.withResolvers<never>()
  const onAbort = () => aborted.reject(new Error('The user aborted a request.'))
  signal.addEventListener('abort', onAbort, { once: true })
  return Promise.race([work, aborted.promise]).finally(() => signal.removeEventListener('abort', onAbort))
}
