/** Shrinks steps to as few as still show a difference, within a limited number of tries. */
export async function shrunk<Step>(
  steps: readonly Step[],
  fails: (steps: readonly Step[]) => Promise<boolean>,
  tries = 100,
): Promise<readonly Step[]> {
  let least = steps
  let left = tries
  for (let size = Math.ceil(steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < least.length && left > 0; left--) {
      const fewer = [...least.slice(0, from), ...least.slice(from + size)]
      if (await fails(fewer)) least = fewer
      else from += size
    }
  }
  return least
}
