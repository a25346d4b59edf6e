/** Aborts the signal after the timeout, and rejects even if `work` ignores it. */
export async function within<T>(timeoutMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  const late = Promise.withResolvers<never>()
  const error = new Error(`no answer within ${timeoutMs / 1000} s`)
  const timer = setTimeout(() => {
    late.reject(error)
    controller.abort(error)
  }, timeoutMs)
  try {
    return await Promise.race([work(controller.signal), late.promise])
  } finally {
    clearTimeout(timer)
  }
}
