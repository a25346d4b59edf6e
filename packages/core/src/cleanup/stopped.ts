/** Ctrl-C during cleanup: the current removal is finished, and no further one begins. */

/** Ends a cleanup between two removals. */
class Stopped extends Error {}

/** @throws Stopped once `stop` is aborted; {@link unlessStopped} catches it */
export function checkStop(stop: AbortSignal | undefined): void {
  if (stop?.aborted) throw new Stopped('stopped')
}

/** Whether the work was completed. */
export async function unlessStopped(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work()
    return true
  } catch (error) {
    if (error instanceof Stopped) return false
    throw error
  }
}
