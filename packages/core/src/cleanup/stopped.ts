/** Ctrl-C while something is cleaned up: what has begun is finished, and nothing more begins. */

/** Ends a cleanup between two removals. */
class Stopped extends Error {}

/** @throws once `stop` is aborted, for {@link unlessStopped} */
export function checkStop(stop: AbortSignal | undefined): void {
  if (stop?.aborted) throw new Stopped('stopped')
}

/** Whether the work came to its end. */
export async function unlessStopped(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work()
    return true
  } catch (error) {
    if (error instanceof Stopped) return false
    throw error
  }
}
