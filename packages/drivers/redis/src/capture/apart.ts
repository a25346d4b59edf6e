/** Nothing of ours throws into a user's call: what goes wrong here is not tracked, and the command goes on. */
export function apart<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}
