/** Runs `work`; calls `stop` when the signal is aborted, for example to break its connection. */
export async function stoppedBy<Done>(signal: AbortSignal, stop: () => void, work: () => Promise<Done>): Promise<Done> {
  const onAbort = () => stop()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await work()
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
