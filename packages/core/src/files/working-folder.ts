/** The working directory; undefined if it was removed. */
export function workingFolder(): string | undefined {
  try {
    return process.cwd()
  } catch {
    return undefined
  }
}
