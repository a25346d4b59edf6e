/** Runs capture code without letting it throw into a user's call: on an error the key is not tracked, and the command goes on. */
export function safely<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}
